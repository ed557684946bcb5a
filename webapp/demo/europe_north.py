"""Northern Europe and the Baltic: cities, streets and names of its customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "SE",
        "Europe/Stockholm",
        "{street} {number}",
        (
            City("Stockholm", "", (("Götgatan", "118 46"), ("Sveavägen", "113 59")), "+46 8 465 004 ##"),
            City("Göteborg", "", (("Linnégatan", "413 04"),), "+46 31 390 06 ##"),
            City("Malmö", "", (("Södra Förstadsgatan", "211 43"),), "+46 40 628 04 ##"),
        ),
        (
            ("Ljungströms Snickeri AB", "ljungstrom"),
            ("Fjällvide Äventyr AB", "fjallvide"),
            ("Sju Öar Seglarskola", "sjuoar"),
        ),
        (("Åsa Bergström", "asa.bergstrom"), ("Björn Hägglund", "bjorn.hagglund")),
        ("lgh 110{small}",),
    ),
    Country(
        "NO",
        "Europe/Oslo",
        "{street} {number}",
        (
            City("Bergen", "", (("Øvregaten", "5003"),), "+47 55 55 5# ##"),
            City("Tromsø", "", (("Storgata", "9008"),), "+47 77 55 5# ##"),
            City("Oslo", "", (("Thorvald Meyers gate", "0555"), ("Markveien", "0554")), "+47 22 55 5# ##"),
        ),
        (("Fjordlaks AS", "fjordlaks"), ("Nordlys Reiser AS", "nordlys-reiser")),
        (("Øystein Brække", "oystein.braekke"), ("Ingrid Sørlie", "ingrid.sorlie")),
    ),
    Country(
        "DK",
        "Europe/Copenhagen",
        "{street} {number}",
        (
            City("København K", "", (("Gothersgade", "1123"), ("Kronprinsensgade", "1114")), "+45 55 55 ## ##"),
            City("Aarhus C", "", (("Mejlgade", "8000"),), "+45 55 55 ## ##"),
        ),
        (("Rugbrødsbageriet ApS", "rugbroed"), ("Sæbekompagniet A/S", "saebe")),
        (("Søren Kjærgaard", "soeren.k"), ("Mette Ægidius", "mette.aegidius")),
        ("{small}. tv.", "{small}. th."),
    ),
    Country(
        "FI",
        "Europe/Helsinki",
        "{street} {number}",
        (
            City("Helsinki", "", (("Hämeentie", "00530"), ("Iso Roobertinkatu", "00120")), "+358 9 5550 ###"),
            City("Rovaniemi", "", (("Koskikatu", "96200"),), "+358 16 5550 ##"),
            City("Tampere", "", (("Hämeenkatu", "33100"),), "+358 3 5550 ###"),
        ),
        (("Järvinen & Pojat Oy", "jarvinen"), ("Yötön Yö Matkailu Oy", "yotonyo")),
        (("Väinö Mäkelä", "vaino.makela"), ("Päivi Hyvönen", "paivi.hyvonen")),
        ("as. {small}",),
    ),
    Country(
        "IS",
        "Atlantic/Reykjavik",
        "{street} {number}",
        (
            City("Reykjavík", "", (("Laugavegur", "101"), ("Skólavörðustígur", "101")), "+354 555 ####"),
            City("Akureyri", "", (("Hafnarstræti", "600"),), "+354 555 ####"),
        ),
        (("Þórshamar Útgerð ehf.", "thorshamar"), ("Eldfjall Jarðvarmi hf.", "eldfjall")),
        (("Guðrún Þorsteinsdóttir", "gudrun.th"), ("Ævar Örn Jónsson", "aevar.orn")),
    ),
    Country(
        "EE",
        "Europe/Tallinn",
        "{street} {number}",
        (
            City("Tallinn", "", (("Telliskivi", "10412"), ("Pikk", "10123")), "+372 555 ####"),
            City("Tartu", "", (("Rüütli", "51007"),), "+372 755 5###"),
        ),
        (("Põhjatäht Tarkvara OÜ", "pohjataht"), ("Kadaka Köök OÜ", "kadakakook")),
        (("Õnne Pärtel", "onne.partel"),),
    ),
    Country(
        "LV",
        "Europe/Riga",
        "{street} {number}",
        (City("Rīga", "", (("Brīvības iela", "LV-1011"), ("Miera iela", "LV-1001")), "+371 6755 5###"),),
        (("Dzintara Krasts SIA", "dzintara-krasts"), ("Zaļā Māja SIA", "zalamaja")),
        (("Jānis Bērziņš", "janis.berzins"),),
    ),
    Country(
        "LT",
        "Europe/Vilnius",
        "{street} {number}",
        (
            City("Vilnius", "", (("Užupio g.", "01200"), ("Vokiečių g.", "01130")), "+370 5 255 5###"),
            City("Kaunas", "", (("Laisvės al.", "44240"),), "+370 37 55 5###"),
        ),
        (("Šiaurės Miškas UAB", "siauresmiskas"),),
        (("Živilė Kazlauskaitė", "zivile.k"), ("Ąžuolas Žukauskas", "azuolas.zukauskas")),
    ),
)
