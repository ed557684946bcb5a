"""Western Europe: cities, streets and names of its customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "DE",
        "Europe/Berlin",
        "{street} {number}",
        (
            City(
                "Berlin",
                "",
                (("Kastanienallee", "10435"), ("Oranienstraße", "10999"), ("Torstraße", "10119")),
                "+49 30 23125 ###",
            ),
            City("Hamburg", "", (("Große Elbstraße", "22767"), ("Mönckebergstraße", "20095")), "+49 40 66969 ###"),
            City("München", "", (("Leopoldstraße", "80802"), ("Sendlinger Straße", "80331")), "+49 89 99998 ###"),
            City("Köln", "", (("Aachener Straße", "50674"),), "+49 221 4710 ###"),
        ),
        (
            ("Spreepfad Software GmbH", "spreepfad"),
            ("Elbkontor Versicherungsmakler AG", "elbkontor"),
            ("Hofbäckerei Lindner KG", "hofbaeckerei-lindner"),
            ("Müller & Söhne Präzisionsteile GmbH", "mueller-praezision"),
        ),
        (("Jürgen Weiß", "juergen.weiss"), ("Ayşe Özdemir", "ayse.oezdemir"), ("Dr. Katharina Böhm", "k.boehm")),
        ("Hinterhaus, {small}. OG", "Gebäude B", "c/o Schulze"),
    ),
    Country(
        "AT",
        "Europe/Vienna",
        "{street} {number}",
        (
            City(
                "Wien",
                "",
                (("Mariahilfer Straße", "1060"), ("Praterstraße", "1020"), ("Gumpendorfer Straße", "1060")),
                "+43 1 555 ## ##",
            ),
            City("Graz", "", (("Herrengasse", "8010"),), "+43 316 555 ###"),
        ),
        (("Alpenblick Touristik GmbH", "alpenblick"), ("Kaffeehaus Zur Blauen Mandarine e.U.", "blaue-mandarine")),
        (("Magdalena Gruber", "magdalena.gruber"), ("Florian Höllriegl", "f.hoellriegl")),
        ("Stiege {small}, Tür 1{small}",),
    ),
    Country(
        "CH",
        "Europe/Zurich",
        "{street} {number}",
        (
            City("Zürich", "", (("Langstrasse", "8004"), ("Seefeldstrasse", "8008")), "+41 44 555 ## ##"),
            City("Genève", "", (("Rue du Rhône", "1204"),), "+41 22 555 ## ##"),
            City("Lugano", "", (("Via Nassa", "6900"),), "+41 91 555 ## ##"),
        ),
        (("Zürichsee Treuhand AG", "zuerichsee-treuhand"), ("Horlogerie du Léman Sàrl", "horlogerie-leman")),
        (("Chiara Bernasconi", "chiara.bernasconi"), ("Reto Aeschlimann", "reto.aeschlimann")),
    ),
    Country(
        "FR",
        "Europe/Paris",
        "{number} {street}",
        (
            City(
                "Paris",
                "",
                (("rue de la Roquette", "75011"), ("boulevard Saint-Germain", "75006"), ("rue Oberkampf", "75011")),
                "+33 1 99 00 ## ##",
            ),
            City("Lyon", "", (("rue de la République", "69002"), ("cours Lafayette", "69003")), "+33 4 65 71 ## ##"),
            City("Aix-en-Provence", "", (("cours Mirabeau", "13100"),), "+33 4 65 71 ## ##"),
        ),
        (
            ("Boulangerie L'Épi d'Or", "epi-dor"),
            ("Mécanique de précision Lefèvre SA", "lefevre-mecanique"),
            ("Éditions du Canal", "editions-du-canal"),
        ),
        (("Hélène Garçon-Dubœuf", "helene.garcon"), ("François Noël", "francois.noel"), ("Zoé Bénard", "zoe.benard")),
        ("Bât. C, {small}e étage", "Appartement {small}4", "ZA des Peupliers"),
    ),
    Country(
        "BE",
        "Europe/Brussels",
        "{street} {number}",
        (
            City(
                "Bruxelles", "", (("Rue Antoine Dansaert", "1000"), ("Chaussée d'Ixelles", "1050")), "+32 2 555 ## ##"
            ),
            City("Antwerpen", "", (("Nationalestraat", "2000"),), "+32 3 555 ## ##"),
        ),
        (("Brasserie de l'Étoile SRL", "brasserie-etoile"), ("Chocolaterie Van den Bossche NV", "vandenbossche")),
        (("Liesbeth Verstraete", "liesbeth.verstraete"), ("Benoît Lambert", "benoit.lambert")),
        ("bus {small}",),
    ),
    Country(
        "NL",
        "Europe/Amsterdam",
        "{street} {number}",
        (
            City("Amsterdam", "", (("Haarlemmerdijk", "1013 JL"), ("Overtoom", "1054 HN")), "+31 20 555 ####"),
            City("Utrecht", "", (("Oudegracht", "3511 AH"),), "+31 30 555 ####"),
            City("'s-Hertogenbosch", "", (("Hinthamerstraat", "5211 MG"),), "+31 73 555 ####"),
        ),
        (
            ("Fietsenmakerij De Jong B.V.", "fietsen-dejong"),
            ("Grachtendata B.V.", "grachtendata"),
            ("IJsselmeer Vis C.V.", "ijsselmeervis"),
        ),
        (("Sjoerd van 't Hof", "sjoerd.vanthof"), ("Fenna Hoekstra", "fenna.hoekstra")),
        ("{small} hoog", "Unit 2{small}"),
    ),
    Country(
        "GB",
        "Europe/London",
        "{number} {street}",
        (
            City(
                "London",
                "",
                (("Great Eastern Street", "EC2A 3JL"), ("Lower Marsh", "SE1 7AE"), ("Upper Street", "N1 0PQ")),
                "+44 20 7946 0###",
            ),
            City("Manchester", "", (("Deansgate", "M3 2BW"), ("Oldham Street", "M4 1LE")), "+44 161 496 0###"),
            City("Edinburgh", "", (("Leith Walk", "EH6 5DT"),), "+44 131 496 0###"),
            City("Cardiff", "", (("Cathedral Road", "CF11 9LJ"),), "+44 29 2018 0###"),
        ),
        (
            ("Hartley & Finch Solicitors LLP", "hartley-finch"),
            ("Northern Quarter Records", "nq-records"),
            ("Caledonian Instruments plc", "caledonian-instruments"),
            ("The Old Bakehouse Ltd", "oldbakehouse"),
        ),
        (
            ("Siân Rhys-Jones", "sian.rhysjones"),
            ("Oluwaseun Adeyemi-Clarke", "seun.clarke"),
            ("Margaret O'Donoghue", "m.odonoghue"),
        ),
        ("Studio {small}", "Unit 1{small}, Canal Works", "2nd Floor"),
    ),
    Country(
        "IE",
        "Europe/Dublin",
        "{number} {street}",
        (
            City(
                "Dublin",
                "Co. Dublin",
                (("Camden Street Lower", "D02 XE80"), ("Capel Street", "D01 F5P2")),
                "+353 20 91# ####",
            ),
            City("Galway", "Co. Galway", (("Quay Street", "H91 KF82"),), "+353 20 91# ####"),
        ),
        (("Ó Súilleabháin Boatyard Ltd", "osuilleabhain-boats"), ("Liffey Ledger Ltd", "liffey-ledger")),
        (("Aoife Ní Bhriain", "aoife.nibhriain"), ("Pádraig Mac Cárthaigh", "padraig.mac")),
    ),
)
