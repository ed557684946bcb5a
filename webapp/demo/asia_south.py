"""South Asia: cities, streets and names of its customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "IN",
        "Asia/Kolkata",
        "{number}, {street}",
        (
            City(
                "Mumbai",
                "Maharashtra",
                (("Linking Road, Bandra West", "400050"), ("Dr. Annie Besant Road, Worli", "400018")),
                "+91 22 5550 ####",
            ),
            City(
                "Bengaluru",
                "Karnataka",
                (("100 Feet Road, Indiranagar", "560038"), ("MG Road", "560001")),
                "+91 80 5550 ####",
            ),
            City("Chennai", "Tamil Nadu", (("Anna Salai", "600002"),), "+91 44 5550 ####"),
            City("New Delhi", "Delhi", (("Hauz Khas Village", "110016"),), "+91 11 5550 ####"),
        ),
        (
            ("सूर्योदय हस्तकला प्राइवेट लिमिटेड", "suryodaya"),
            ("Nilgiri Tea Estates Pvt. Ltd.", "nilgiritea"),
            ("தமிழ் அச்சகம்", "tamil-achagam"),
            ("Chai & Chaupal LLP", "chaichaupal"),
        ),
        (
            ("प्रिया शर्मा", "priya.sharma"),
            ("Venkataraman Subbulakshmi", "venkat.s"),
            ("Harpreet Kaur Dhillon ਢਿੱਲੋਂ", "harpreet.dhillon"),
        ),
        ("Flat {small}02, Shanti Apartments", "3rd Floor, Tower B", "Near State Bank"),
    ),
    Country(
        "BD",
        "Asia/Dhaka",
        "{number} {street}",
        (
            City("ঢাকা", "", (("গুলশান এভিনিউ", "1212"), ("মিরপুর রোড", "1205")), "+880 2 5555 ####"),
            City("Chattogram", "", (("Agrabad Commercial Area", "4100"),), "+880 31 255 5###"),
        ),
        (("পদ্মা জুট মিলস লিমিটেড", "padmajute"), ("Sundarban Honey Co.", "sundarbanhoney")),
        (("রহিমা খাতুন", "rahima.khatun"),),
        ("ফ্ল্যাট {small}",),
    ),
    Country(
        "PK",
        "Asia/Karachi",
        "{number} {street}",
        (
            City("کراچی", "", (("شارع فیصل", "75350"),), "+92 21 3555 ####"),
            City("Lahore", "", (("The Mall", "54000"), ("MM Alam Road, Gulberg III", "54660")), "+92 42 3555 ####"),
        ),
        (("سندھ کاٹن ٹریڈرز", "sindhcotton"), ("Indus Sports Goods (Pvt) Ltd", "indussports")),
        (("عائشہ صدیقی", "ayesha.siddiqui"), ("Bilal Chaudhry", "bilal.chaudhry")),
    ),
    Country(
        "LK",
        "Asia/Colombo",
        "{number} {street}",
        (
            City("කොළඹ 03", "", (("ගාලු පාර", "00300"),), "+94 11 255 5###"),
            City("Kandy", "", (("Peradeniya Road", "20000"),), "+94 81 255 5###"),
        ),
        (("Serendib Spice Traders (Pvt) Ltd", "serendibspice"), ("ලංකා තේ සමාගම", "lankatea")),
        (("Tharindu Wickramasinghe", "tharindu.w"),),
    ),
    Country(
        "NP",
        "Asia/Kathmandu",
        "{street} {number}",
        (City("काठमाडौं", "", (("न्यू रोड", "44600"), ("ठमेल मार्ग", "44600")), "+977 1-555####"),),
        (("हिमाल ट्रेकिङ प्रा. लि.", "himaltrekking"),),
        (("Pasang Lhamu Sherpa", "pasang.sherpa"), ("बिष्णु प्रसाद अधिकारी", "bishnu.adhikari")),
    ),
)
