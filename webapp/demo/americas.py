"""The Americas: cities, streets and names of their customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "US",
        "America/New_York",
        "{number} {street}",
        (
            City("New York", "NY", (("Bleecker Street", "10012"), ("West 23rd Street", "10011")), "+1 212 555 01##"),
            City("Chicago", "IL", (("North Milwaukee Avenue", "60622"),), "+1 312 555 01##", "America/Chicago"),
            City("Austin", "TX", (("South Congress Avenue", "78704"),), "+1 512 555 01##", "America/Chicago"),
            City("Portland", "OR", (("NW Couch Street", "97209"),), "+1 503 555 01##", "America/Los_Angeles"),
            City("Phoenix", "AZ", (("East Camelback Road", "85016"),), "+1 602 555 01##", "America/Phoenix"),
            City("Honolulu", "HI", (("Kapiʻolani Boulevard", "96814"),), "+1 808 555 01##", "Pacific/Honolulu"),
        ),
        (
            ("Rosie's Diner & Bakery", "rosies-diner"),
            ("Blue Heron Analytics, Inc.", "blueheron"),
            ("Lone Star Tool Rental LLC", "lonestar-tools"),
            ("Cascade Bicycle Works", "cascade-bikes"),
            ("Saguaro Dental Group, P.C.", "saguarodental"),
        ),
        (
            ("Keoni Kāneʻohe", "keoni"),
            ("Beyoncé Washington-Lee", "b.washington"),
            ("Mary-Kate O'Neill III", "mk.oneill"),
            ("José Luis Peña", "jl.pena"),
        ),
        ("Suite {small}00", "Unit {small}B", "Floor 1{small}"),
    ),
    Country(
        "CA",
        "America/Toronto",
        "{number} {street}",
        (
            City(
                "Toronto",
                "ON",
                (("Queen Street West", "M5V 2B7"), ("Roncesvalles Avenue", "M6R 2M3")),
                "+1 416 555 01##",
            ),
            City("Montréal", "QC", (("boulevard Saint-Laurent", "H2X 2T3"),), "+1 514 555 01##"),
            City("St. John's", "NL", (("Water Street", "A1C 1A9"),), "+1 709 555 01##", "America/St_Johns"),
            City("Vancouver", "BC", (("Main Street", "V5T 3C5"),), "+1 604 555 01##", "America/Vancouver"),
        ),
        (
            ("Maple & Pine Outfitters Ltd.", "maplepine"),
            ("Érablière des Laurentides inc.", "erabliere"),
            ("Signal Hill Fisheries", "signalhill"),
        ),
        (("Priya Chandrasekhar", "priya.c"), ("Gaétan Thériault", "gaetan.theriault")),
        ("Unit {small}", "bureau {small}05"),
    ),
    Country(
        "MX",
        "America/Mexico_City",
        "{street} {number}",
        (
            City(
                "Cuauhtémoc",
                "CDMX",
                (("Calle Orizaba", "06700"), ("Avenida Álvaro Obregón", "06700")),
                "+52 55 5550 ####",
            ),
            City("Guadalajara", "Jal.", (("Avenida Chapultepec", "44160"),), "+52 33 5550 ####"),
            City("Tijuana", "B.C.", (("Avenida Revolución", "22000"),), "+52 664 555 ####", "America/Tijuana"),
        ),
        (
            ("Mezcalería Tres Ríos S.A. de C.V.", "tresrios"),
            ("Papelería El Búho", "elbuho"),
            ("Refacciones Ibáñez Hnos.", "refacciones-ibanez"),
        ),
        (("Ximena Güemes", "ximena.guemes"), ("Tomás Ávila Ordóñez", "tomas.avila")),
        ("Int. {small}", "Depto. {small}B"),
    ),
    Country(
        "BR",
        "America/Sao_Paulo",
        "{street}, {number}",
        (
            City(
                "São Paulo", "SP", (("Rua Augusta", "01305-000"), ("Avenida Paulista", "01310-100")), "+55 11 5550-####"
            ),
            City("Rio de Janeiro", "RJ", (("Rua Visconde de Pirajá", "22410-000"),), "+55 21 5550-####"),
            City("Manaus", "AM", (("Avenida Eduardo Ribeiro", "69010-001"),), "+55 92 5550-####", "America/Manaus"),
            City("Salvador", "BA", (("Avenida Sete de Setembro", "40060-001"),), "+55 71 5550-####", "America/Bahia"),
        ),
        (
            ("Pão & Açaí Comércio Ltda.", "paoeacai"),
            ("Construções Irmãos Guimarães S.A.", "irmaosguimaraes"),
            ("Amazônia Castanhas ME", "castanhas"),
        ),
        (("Antônio Conceição", "antonio.conceicao"), ("Luísa Araújo Falcão", "luisa.falcao")),
        ("Sala 10{small}", "Apto. {small}2, Bloco A"),
    ),
    Country(
        "AR",
        "America/Argentina/Buenos_Aires",
        "{street} {number}",
        (
            City(
                "Buenos Aires",
                "Ciudad Autónoma de Buenos Aires",
                (("Defensa", "C1065AAA"), ("Avenida Corrientes", "C1043AAZ")),
                "+54 11 5550 ####",
            ),
            City(
                "Córdoba", "Córdoba", (("Avenida Colón", "X5000EPT"),), "+54 351 555 ####", "America/Argentina/Cordoba"
            ),
        ),
        (("Viñedos Ñandú S.R.L.", "vinedosnandu"), ("Librería del Sur", "libreriadelsur")),
        (("Martín Etchegaray", "martin.e"), ("Agustina Peralta Ruiz", "agustina.peralta")),
        ("{small}º piso, depto. A",),
    ),
    Country(
        "CL",
        "America/Santiago",
        "{street} {number}",
        (
            City(
                "Providencia",
                "Región Metropolitana",
                (("Avenida Italia", "7501428"), ("Calle Suecia", "7510110")),
                "+56 2 2555 ####",
            ),
            City("Valparaíso", "Valparaíso", (("Calle Templeman", "2370844"),), "+56 32 255 5###"),
        ),
        (("Cordillera Minería SpA", "cordillera-mineria"), ("Panadería La Ñusta", "lanusta")),
        (("Nicolás Peñaloza", "nicolas.penaloza"),),
        ("Of. {small}03",),
    ),
    Country(
        "CO",
        "America/Bogota",
        "{street} # {number}-{small}5",
        (
            City("Bogotá", "Bogotá", (("Carrera 7", "110231"), ("Calle 85", "110221")), "+57 601 555 ####"),
            City("Medellín", "Antioquia", (("Carrera 43A", "050021"),), "+57 604 555 ####"),
        ),
        (("Café Quindío Orgánico S.A.S.", "cafequindio"), ("Flores del Páramo Ltda.", "floresparamo")),
        (("Andrés Felipe Muñoz", "af.munoz"), ("Yuliana Cárdenas", "yuliana.cardenas")),
        ("Apto {small}01",),
    ),
    Country(
        "PE",
        "America/Lima",
        "{street} {number}",
        (
            City("Cusco", "Cuzco", (("Calle Plateros", "08002"),), "+51 84 55 5###"),
            City(
                "Miraflores",
                "Municipalidad Metropolitana de Lima",
                (("Avenida Larco", "15074"), ("Calle Schell", "15074")),
                "+51 1 555 ####",
            ),
        ),
        (("Alpacas del Ausangate E.I.R.L.", "ausangate"),),
        (("Rosa Quispe Mamani", "rosa.quispe"), ("Iván Huamán", "ivan.huaman")),
    ),
    Country(
        "JM",
        "America/Jamaica",
        "{number} {street}",
        (City("Kingston 10", "Kingston", (("Hope Road", ""), ("Constant Spring Road", "")), "+1 876 555 01##"),),
        (("Blue Mountain Roasters Ltd", "bluemountain"),),
        (("Marvalyn Campbell", "marvalyn.campbell"),),
    ),
)
