"""Groups of customers: which company of the country data stands at the head, and who belongs to it.

It refuses to know addresses, metadata and times; it only says who is whose child and in which country.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A company below the head of its family, or, when it names one, below an earlier member of the same family.

    An empty city means any of the country's.
    """

    label: str
    name: str
    country: str
    below: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A head, by the label of its mail domain in the country data, with its members, parents first."""

    head: str
    members: tuple[Member, ...]


FAMILIES = (
    Family(
        "elbkontor",
        (
            Member("hamburg", "Elbkontor Seeversicherung GmbH", "DE", city="Hamburg"),
            Member("wien", "Elbkontor Österreich GmbH", "AT"),
            Member("nordic", "Elbkontor Nordic AB", "SE"),
        ),
    ),
    Family("spreepfad", (Member("polska", "Spreepfad Polska sp. z o.o.", "PL"),)),
    Family(
        "lefevre-mecanique",
        (
            Member("lyon", "Lefèvre Mécanique Rhône-Alpes", "FR", city="Lyon"),
            Member("atelier", "Atelier Lefèvre, site d'Aix", "FR", "lyon", "Aix-en-Provence"),
            Member("maroc", "Lefèvre Maroc SARL", "MA"),
        ),
    ),
    Family(
        "vandenbossche",
        (Member("bruxelles", "Chocolaterie Van den Bossche – magasin de Bruxelles", "BE", city="Bruxelles"),),
    ),
    Family("grachtendata", (Member("ie", "Grachtendata Ireland Ltd", "IE"), Member("lab", "Grachtendata Lab", "NL"))),
    Family("caledonian-instruments", (Member("us", "Caledonian Instruments of America, Inc.", "US"),)),
    Family(
        "blueheron",
        (
            Member("west", "Blue Heron Analytics West", "US", city="Portland"),
            Member("canada", "Blue Heron Canada ULC", "CA"),
            Member("quebec", "Analytique Grand Héron inc.", "CA", "canada", "Montréal"),
        ),
    ),
    Family("saguarodental", (Member("camelback", "Saguaro Dental, Camelback office", "US", city="Phoenix"),)),
    Family("irmaosguimaraes", (Member("nordeste", "Irmãos Guimarães Nordeste Ltda.", "BR", city="Salvador"),)),
    Family("cordillera-mineria", (Member("peru", "Cordillera Minería del Perú S.A.C.", "PE"),)),
    Family("anil-textiles", (Member("porto", "Anil Têxteis Portugal, Lda.", "PT", city="Porto"),)),
    Family(
        "cittanuova",
        (
            Member("torino", "Officine Città Nuova – stabilimento di Torino", "IT", city="Torino"),
            Member("ricambi", "Città Nuova Ricambi S.r.l.", "IT", "torino", "Torino"),
        ),
    ),
    Family(
        "aegean-shipping",
        (Member("thessaloniki", "Ναυτιλιακή Αιγαίου – Γραφείο Θεσσαλονίκης", "GR", city="Θεσσαλονίκη"),),
    ),
    Family("bogazici-tekstil", (Member("de", "Bogazici Textil Deutschland GmbH", "DE"),)),
    Family("dnipro-zerno", (Member("odesa", "Дніпро-Зерно Термінал Одеса", "UA", city="Одеса"),)),
    Family(
        "sakura-seiki",
        (
            Member("osaka", "株式会社さくら精機 大阪工場", "JP", city="大阪市北区"),
            Member("thai", "Sakura Seiki (Thailand) Co., Ltd.", "TH", city="วัฒนา"),
            Member("chiangmai", "Sakura Seiki Chiang Mai Plant", "TH", "thai", "เมืองเชียงใหม่"),
        ),
    ),
    Family(
        "saebitnaru",
        (
            Member("busan", "새빛나루소프트 부산지사", "KR", city="해운대구"),
            Member("vn", "Công ty TNHH Saebitnaru Việt Nam", "VN"),
        ),
    ),
    Family(
        "yunfan",
        (
            Member("shenzhen", "云帆科技深圳分公司", "CN", city="深圳市"),
            Member("sg", "Yunfan Technology Pte. Ltd.", "SG"),
        ),
    ),
    Family(
        "nilgiritea",
        (
            Member("south", "Nilgiri Tea Retail South Pvt. Ltd.", "IN", city="Bengaluru"),
            Member("chennai", "Nilgiri Tea Room, Anna Salai", "IN", "south", "Chennai"),
            Member("uk", "Nilgiri Tea (UK) Ltd", "GB"),
        ),
    ),
    Family(
        "nakheel-alsharq",
        (
            Member("jeddah", "نخيل الشرق – فرع جدة", "SA", city="جدة"),
            Member("dubai", "Nakheel Al Sharq FZE", "AE", city="Dubai"),
        ),
    ),
    Family("ode-fintech", (Member("ghana", "Ọdẹ Pay Ghana Ltd", "GH"),)),
    Family("kookaburra", (Member("nz", "Kookaburra Constructions NZ Ltd", "NZ"),)),
)
