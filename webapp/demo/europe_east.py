"""Central and Eastern Europe and the Caucasus: cities, streets and names of its customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "PL",
        "Europe/Warsaw",
        "{street} {number}",
        (
            City("Warszawa", "", (("ul. Nowy Świat", "00-029"), ("ul. Ząbkowska", "03-735")), "+48 22 555 ## ##"),
            City("Kraków", "", (("ul. Józefa", "31-056"), ("ul. Długa", "31-147")), "+48 12 555 ## ##"),
            City("Łódź", "", (("ul. Piotrkowska", "90-413"),), "+48 42 555 ## ##"),
        ),
        (
            ("Źródło Smaku sp. z o.o.", "zrodlosmaku"),
            ("Księgarnia Pod Żółwiem", "podzolwiem"),
            ("Wrocławskie Części S.A.", "wro-czesci"),
        ),
        (("Wojciech Świątek", "w.swiatek"), ("Małgorzata Dąbrowska", "malgorzata.d")),
        ("m. {small}", "lok. 1{small}"),
    ),
    Country(
        "CZ",
        "Europe/Prague",
        "{street} {number}",
        (
            City("Praha 3", "", (("Bořivojova", "130 00"), ("Vinohradská", "130 00")), "+420 255 5## ###"),
            City("Brno", "", (("Veveří", "602 00"),), "+420 555 0## ###"),
        ),
        (("Křišťálová Huť s.r.o.", "kristal"), ("Pivovar U Tří Růží a.s.", "trirruze")),
        (("Bohumír Dvořák", "bohumir.dvorak"), ("Růžena Šťastná", "ruzena.stastna")),
    ),
    Country(
        "SK",
        "Europe/Bratislava",
        "{street} {number}",
        (
            City("Bratislava", "", (("Obchodná", "811 06"), ("Panská", "811 01")), "+421 2 5550 ####"),
            City("Košice", "", (("Hlavná", "040 01"),), "+421 55 555 ####"),
        ),
        (("Tatranské Čučoriedky s.r.o.", "cucoriedky"),),
        (("Ľubomír Hronský", "lubomir.hronsky"), ("Soňa Ďurišová", "sona.durisova")),
    ),
    Country(
        "HU",
        "Europe/Budapest",
        "{street} {number}.",
        (
            City(
                "Budapest",
                "",
                (("Ráday utca", "1092"), ("Király utca", "1075"), ("Bartók Béla út", "1114")),
                "+36 1 555 ####",
            ),
            City("Pécs", "", (("Király utca", "7621"),), "+36 72 555 ###"),
        ),
        (("Fűszerház Kft.", "fuszerhaz"), ("Dunaparti Műhely Zrt.", "dunaparti-muhely")),
        (("Szőke Ágnes", "szoke.agnes"), ("Kőrösi Győző", "korosi.gyozo")),
        ("{small}. em. 1.",),
    ),
    Country(
        "RO",
        "Europe/Bucharest",
        "{street} nr. {number}",
        (
            City("Sectorul 1", "București", (("Calea Victoriei", "010063"),), "+40 21 555 ####"),
            City(
                "Cluj-Napoca",
                "Cluj",
                (("Strada Memorandumului", "400114"), ("Strada Horea", "400174")),
                "+40 264 555 ###",
            ),
        ),
        (("Făurăria Veche SRL", "fauraria"), ("Țesătura Maramureșeană SA", "tesatura")),
        (("Ștefan Țurcanu", "stefan.turcanu"), ("Ioana Brâncuși", "ioana.brancusi")),
        ("bl. M{small}, sc. B, ap. 1{small}",),
    ),
    Country(
        "BG",
        "Europe/Sofia",
        "{street} {number}",
        (
            City("София", "", (("бул. Витоша", "1463"), ("ул. Граф Игнатиев", "1142")), "+359 2 555 ####"),
            City("Пловдив", "", (("ул. Отец Паисий", "4000"),), "+359 32 555 ###"),
        ),
        (("Розова Долина ЕООД", "rozova-dolina"), ("Странджа Билки ООД", "strandzha")),
        (("Димитър Йорданов", "d.yordanov"), ("Цветелина Жекова", "tsvetelina.zh")),
        ("ет. {small}, ап. 1{small}",),
    ),
    Country(
        "RS",
        "Europe/Belgrade",
        "{street} {number}",
        (
            City("Београд", "", (("Кнез Михаилова", "11000"), ("Скадарска", "11000")), "+381 11 555 ####"),
            City("Novi Sad", "", (("Dunavska", "21000"),), "+381 21 555 ###"),
        ),
        (("Штампарија Ђорђевић д.о.о.", "djordjevic"), ("Šljivovača Đura d.o.o.", "djura")),
        (("Љиљана Њежић", "ljiljana.nj"),),
    ),
    Country(
        "UA",
        "Europe/Kyiv",
        "{street}, {number}",
        (
            City("Київ", "", (("вул. Ярославів Вал", "01054"), ("вул. Хорива", "04071")), "+380 44 555 ####"),
            City(
                "Львів",
                "Львівська область",
                (("вул. Вірменська", "79008"), ("вул. Городоцька", "79016")),
                "+380 32 255 5###",
            ),
            City("Одеса", "Одеська область", (("вул. Дерибасівська", "65026"),), "+380 48 755 5###"),
        ),
        (
            ("ТОВ «Їжак і Компанія»", "yizhak"),
            ("Кав'ярня «Під Ґанком»", "pid-gankom"),
            ("ПрАТ «Дніпро-Зерно»", "dnipro-zerno"),
        ),
        (("Олексій Шевченко", "o.shevchenko"), ("Соломія Гриців", "solomiia.hrytsiv")),
        ("кв. {small}",),
    ),
    Country(
        "GE",
        "Asia/Tbilisi",
        "{street} {number}",
        (
            City("თბილისი", "", (("რუსთაველის გამზირი", "0108"), ("აღმაშენებლის გამზირი", "0102")), "+995 32 255 5###"),
            City("Batumi", "", (("Memed Abashidze Avenue", "6010"),), "+995 422 55 5# ##"),
        ),
        (("კახეთის მარანი შპს", "kakhetimarani"),),
        (("ნინო ბერიძე", "nino.beridze"), ("Giorgi Lomidze", "giorgi.lomidze")),
    ),
    Country(
        "AM",
        "Asia/Yerevan",
        "{street} {number}",
        (City("Երևան", "", (("Աբովյան փողոց", "0001"), ("Մաշտոցի պողոտա", "0002")), "+374 10 55 5# ##"),),
        (("Արարատ Գինի ՍՊԸ", "araratgini"),),
        (("Անահիտ Հակոբյան", "anahit.hakobyan"),),
    ),
    Country(
        "KZ",
        "Asia/Almaty",
        "{street}, {number}",
        (
            City("Алматы", "", (("проспект Абая", "050000"), ("улица Панфилова", "050004")), "+7 727 355 5###"),
            City("Астана", "", (("проспект Мәңгілік Ел", "010000"),), "+7 7172 55 5# ##"),
        ),
        (("ТОО «Алтын Дала»", "altyndala"), ("Қазына Логистика ЖШС", "qazyna")),
        (("Әйгерім Нұрланқызы", "aigerim.n"),),
    ),
)
