"""The Middle East and North Africa: cities, streets and names of its customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "SA",
        "Asia/Riyadh",
        "{number} {street}",
        (
            City("الرياض", "", (("شارع العليا", "12211"), ("طريق الملك فهد", "12271")), "+966 11 555 ####"),
            City("جدة", "", (("شارع التحلية", "23321"),), "+966 12 555 ####"),
        ),
        (
            ("شركة نخيل الشرق التجارية", "nakheel-alsharq"),
            ("مؤسسة البحر الأحمر للتقنية", "redsea-tech"),
            ("Najd Coffee Roasters", "najdcoffee"),
        ),
        (("عبدالله بن سعد القحطاني", "a.alqahtani"), ("نورة الحربي", "noura.alharbi")),
        ("الدور {small}",),
    ),
    Country(
        "AE",
        "Asia/Dubai",
        "{number} {street}",
        (
            City("Dubai", "دبي", (("Sheikh Zayed Road", ""), ("Al Wasl Road", "")), "+971 4 555 ####"),
            City("أبو ظبي", "أبو ظبي", (("شارع الكورنيش", ""),), "+971 2 555 ####"),
        ),
        (
            ("Al Safa General Trading LLC", "alsafa"),
            ("واحة الضيافة ذ.م.م", "wahat-aldiyafa"),
            ("Creekside Interiors FZE", "creekside"),
        ),
        (("فاطمة المنصوري", "fatima.almansoori"), ("Rajesh Menon", "rajesh.menon")),
        ("Office {small}04", "P.O. Box 5{small}12"),
    ),
    Country(
        "JO",
        "Asia/Amman",
        "{street} {number}",
        (City("عمّان", "", (("شارع الرينبو", "11181"), ("Mecca Street", "11183")), "+962 6 555 ####"),),
        (("مخابز البتراء", "petra-bakeries"), ("Wadi Rum Film Services", "wadirumfilm")),
        (("لينا حدّاد", "lina.haddad"),),
    ),
    Country(
        "IL",
        "Asia/Jerusalem",
        "{street} {number}",
        (
            City("תל אביב-יפו", "", (("שדרות רוטשילד", "6688101"), ("רחוב דיזנגוף", "6433222")), "+972 3-555-####"),
            City("Haifa", "", (("HaNassi Boulevard", "3464101"),), "+972 4-555-####"),
        ),
        (('מאפיית השקד בע"מ', "hashaked"), ("Carmel Optics Ltd.", "carmeloptics")),
        (("נועה לוי", "noa.levi"), ("Yossi Ben-Ami", "yossi.benami")),
        ("דירה {small}",),
    ),
    Country(
        "LB",
        "Asia/Beirut",
        "{street} {number}",
        (
            City(
                "Beirut", "", (("Rue Gouraud, Gemmayzeh", "2028 5602"), ("شارع الحمرا", "1103 2080")), "+961 1 555 ###"
            ),
        ),
        (("دار الأرز للنشر", "dar-alarz"),),
        (("Élie Khoury", "elie.khoury"),),
    ),
    Country(
        "EG",
        "Africa/Cairo",
        "{number} {street}",
        (
            City("الزمالك", "القاهرة", (("شارع ٢٦ يوليو", "11211"), ("شارع حسن صبري", "11211")), "+20 2 2555 ####"),
            City("المنتزه", "الإسكندرية", (("طريق الجيش", "21619"),), "+20 3 555 ####"),
        ),
        (("شركة النيل للقطن", "nilecotton"), ("Lotus Papyrus Workshop", "lotuspapyrus")),
        (("محمود عبد الرحمن", "mahmoud.a"), ("Yasmine El-Sayed", "yasmine.elsayed")),
        ("الدور {small}، شقة 1{small}",),
    ),
    Country(
        "MA",
        "Africa/Casablanca",
        "{number}, {street}",
        (
            City(
                "Casablanca", "", (("boulevard Mohammed V", "20250"), ("rue Tahar Sebti", "20070")), "+212 522-555###"
            ),
            City("مراكش", "", (("شارع محمد السادس", "40000"),), "+212 524-555###"),
        ),
        (("Coopérative Argane Tafraout", "argane-tafraout"), ("رياض الياسمين", "riad-yasmine")),
        (("Khadija Benkirane", "khadija.benkirane"),),
        ("{small}ème étage",),
    ),
)
