"""Africa south of the Sahara and Oceania: cities, streets and names of their customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "ZA",
        "Africa/Johannesburg",
        "{number} {street}",
        (
            City("Cape Town", "", (("Long Street", "8001"), ("Kloof Street", "8001")), "+27 21 555 ####"),
            City("Johannesburg", "", (("Juta Street, Braamfontein", "2001"),), "+27 11 555 ####"),
        ),
        (("Ubuntu Solar (Pty) Ltd", "ubuntusolar"), ("Karoo Wol Koöperasie", "karoowol")),
        (("Nomvula Dlamini", "nomvula.dlamini"), ("Pieter van der Merwe", "pieter.vdm")),
        ("Block {small}",),
    ),
    Country(
        "NG",
        "Africa/Lagos",
        "{number} {street}",
        (
            City("Ikeja", "Lagos", (("Allen Avenue", "100271"), ("Awolowo Way", "100271")), "+234 1 555 ####"),
            City("Garki", "Federal Capital Territory", (("Ahmadu Bello Way", "900103"),), "+234 9 555 ####"),
        ),
        (("Ọdẹ Fintech Limited", "ode-fintech"), ("Mama Ngozi Foods", "mamangozi")),
        (("Chukwuemeka Okonkwo", "emeka.okonkwo"), ("Adérónkẹ́ Ọláyínká", "aderonke.o")),
        ("2nd Floor, Zenith House",),
    ),
    Country(
        "KE",
        "Africa/Nairobi",
        "{number} {street}",
        (
            City("Nairobi", "", (("Ngong Road", "00100"), ("Kimathi Street", "00100")), "+254 20 555 ####"),
            City("Mombasa", "", (("Moi Avenue", "80100"),), "+254 41 255 5###"),
        ),
        (("Savannah Mobile Money Ltd", "savannahmoney"), ("Duka la Maua", "dukalamaua")),
        (("Wanjikũ Mũthoni", "wanjiku.m"),),
        ("P.O. Box 4{small}21",),
    ),
    Country(
        "GH",
        "Africa/Accra",
        "{number} {street}",
        (
            City(
                "Accra",
                "",
                (("Oxford Street, Osu", "GA-032-5021"), ("Ring Road East", "GA-051-4417")),
                "+233 30 255 5###",
            ),
        ),
        (("Ashanti Cocoa Union", "ashanticocoa"),),
        (("Kwame Ɔsei", "kwame.osei"), ("Abena Mensah", "abena.mensah")),
    ),
    Country(
        "RW",
        "Africa/Kigali",
        "{street} {number}",
        (City("Kigali", "", (("KN 5 Rd", ""), ("KG 11 Ave", "")), "+250 252 555 ###"),),
        (("Inyange Drones Ltd", "inyangedrones"),),
        (("Uwimana Claudine", "claudine.uwimana"),),
    ),
    Country(
        "ET",
        "Africa/Addis_Ababa",
        "{street} {number}",
        (City("አዲስ አበባ", "", (("ቦሌ መንገድ", "1000"), ("Churchill Avenue", "1000")), "+251 11 555 ####"),),
        (("ይርጋጨፌ ቡና ላኪዎች", "yirgacheffe-coffee"),),
        (("Selamawit Tadesse", "selamawit.t"),),
    ),
    Country(
        "AU",
        "Australia/Sydney",
        "{number} {street}",
        (
            City("Surry Hills", "NSW", (("Crown Street", "2010"), ("Foveaux Street", "2010")), "+61 2 5550 ####"),
            City("Fitzroy", "VIC", (("Brunswick Street", "3065"),), "+61 3 5550 ####", "Australia/Melbourne"),
            City("Darwin City", "NT", (("Mitchell Street", "0800"),), "+61 8 7010 ####", "Australia/Darwin"),
            City("Fremantle", "WA", (("High Street", "6160"),), "+61 8 5550 ####", "Australia/Perth"),
        ),
        (
            ("Kookaburra Constructions Pty Ltd", "kookaburra"),
            ("Flat White Society", "flatwhite"),
            ("Top End Barra Tours", "topendbarra"),
        ),
        (("Kirra-Lee Nguyen", "kirra.nguyen"), ("Bruce McAllister", "bruce.mca")),
        ("Unit {small}", "Level {small}", "Shop 1{small}"),
    ),
    Country(
        "NZ",
        "Pacific/Auckland",
        "{number} {street}",
        (
            City("Auckland", "", (("Karangahape Road", "1010"), ("Ponsonby Road", "1011")), "+64 9 555 ####"),
            City("Wellington", "", (("Cuba Street", "6011"),), "+64 4 555 ####"),
        ),
        (("Whānau Health Trust", "whanauhealth"), ("Tūī Brewing Ltd", "tuibrewing")),
        (("Mereana Tāwhiri", "mereana.tawhiri"),),
        ("Level {small}",),
    ),
    Country(
        "FJ",
        "Pacific/Fiji",
        "{number} {street}",
        (City("Suva", "", (("Victoria Parade", ""), ("Renwick Road", "")), "+679 355 5###"),),
        (("Coral Coast Ferries Pte Ltd", "coralferries"),),
        (("Ratu Sela Vunibobo", "sela.vunibobo"),),
    ),
)
