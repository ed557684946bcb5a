"""Southern Europe: cities, streets and names of its customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "ES",
        "Europe/Madrid",
        "{street}, {number}",
        (
            City(
                "Madrid",
                "Madrid",
                (("Calle de Fuencarral", "28004"), ("Calle de Embajadores", "28012")),
                "+34 910 555 ###",
            ),
            City(
                "Barcelona",
                "Barcelona",
                (("Carrer de Mallorca", "08013"), ("Passeig de Gràcia", "08007")),
                "+34 930 555 ###",
            ),
            City(
                "Las Palmas de Gran Canaria",
                "Las Palmas",
                (("Calle Triana", "35002"),),
                "+34 928 555 ###",
                "Atlantic/Canary",
            ),
        ),
        (
            ("Aceites Peñarroya S.L.", "aceites-penarroya"),
            ("Llibreria Plaça Nova", "placanova"),
            ("Añil Textiles S.A.", "anil-textiles"),
        ),
        (("Íñigo Ibáñez Muñoz", "inigo.ibanez"), ("María José Núñez", "mj.nunez")),
        ("{small}º izda.", "Local {small}", "Entresuelo 2ª"),
    ),
    Country(
        "PT",
        "Europe/Lisbon",
        "{street}, {number}",
        (
            City(
                "Lisboa", "", (("Rua da Prata", "1100-052"), ("Avenida da Liberdade", "1250-096")), "+351 21 055 5###"
            ),
            City("Ponta Delgada", "", (("Rua Machado dos Santos", "9500-083"),), "+351 296 055 5##", "Atlantic/Azores"),
            City("Porto", "", (("Rua de Santa Catarina", "4000-447"),), "+351 22 055 5###"),
        ),
        (("Azulejos São Bento, S.A.", "saobento"), ("Conservas Açorianas, Lda.", "conservas-acorianas")),
        (("João Gonçalves", "joao.goncalves"), ("Conceição Magalhães", "c.magalhaes")),
        ("{small}.º Esq.", "{small}.º Dto."),
    ),
    Country(
        "IT",
        "Europe/Rome",
        "{street}, {number}",
        (
            City("Milano", "MI", (("Corso Buenos Aires", "20124"), ("Via Tortona", "20144")), "+39 02 5550 ####"),
            City("Roma", "RM", (("Via del Pigneto", "00176"), ("Via dei Serpenti", "00184")), "+39 06 5550 ####"),
            City("Firenze", "FI", (("Borgo San Lorenzo", "50123"),), "+39 055 555 0###"),
            City("Torino", "TO", (("Via Po", "10124"),), "+39 011 555 0###"),
        ),
        (
            ("Officine Città Nuova S.r.l.", "cittanuova"),
            ("Caffè della Libertà", "caffe-liberta"),
            ("Vetreria Murano & Figli S.n.c.", "vetreria-murano"),
        ),
        (("Niccolò D'Angelo", "niccolo.dangelo"), ("Giosuè Forlì", "giosue.forli")),
        ("Scala B, int. {small}", "c/o Studio Bianchi"),
    ),
    Country(
        "GR",
        "Europe/Athens",
        "{street} {number}",
        (
            City("Αθήνα", "", (("Ερμού", "105 63"), ("Σκουφά", "106 73")), "+30 21 0555 0###"),
            City("Θεσσαλονίκη", "", (("Τσιμισκή", "546 23"),), "+30 231 055 0###"),
        ),
        (
            ("Ελαιώνες Κρήτης Α.Ε.", "elaiones"),
            ("Ναυτιλιακή Αιγαίου ΕΠΕ", "aegean-shipping"),
            ("Kafeneio Plaka", "kafeneio-plaka"),
        ),
        (("Γιώργος Παπαδόπουλος", "g.papadopoulos"), ("Ελένη Καραγιάννη", "eleni.karagianni")),
        ("{small}ος όροφος",),
    ),
    Country(
        "HR",
        "Europe/Zagreb",
        "{street} {number}",
        (
            City("Zagreb", "", (("Ilica", "10000"), ("Tkalčićeva ulica", "10000")), "+385 1 5550 ###"),
            City("Split", "", (("Marmontova ulica", "21000"),), "+385 21 555 ###"),
        ),
        (("Jadranska Čarolija d.o.o.", "carolija"), ("Špancirfest Produkcija j.d.o.o.", "spancir")),
        (("Željka Đurđević", "zeljka.djurdjevic"),),
    ),
    Country(
        "TR",
        "Europe/Istanbul",
        "{street} No: {number}",
        (
            City(
                "Kadıköy", "İstanbul", (("Moda Caddesi", "34710"), ("Bahariye Caddesi", "34714")), "+90 216 555 ## ##"
            ),
            City("Çankaya", "Ankara", (("Tunalı Hilmi Caddesi", "06680"),), "+90 312 555 ## ##"),
            City("Konak", "İzmir", (("Kıbrıs Şehitleri Caddesi", "35220"),), "+90 232 555 ## ##"),
        ),
        (
            ("Boğaziçi Tekstil A.Ş.", "bogazici-tekstil"),
            ("Çınaraltı Kitabevi", "cinaralti"),
            ("İncir Yazılım Ltd. Şti.", "inciryazilim"),
        ),
        (("Gülşah Yıldız", "gulsah.yildiz"), ("Ömer Faruk Işık", "omer.isik")),
        ("Kat: {small} Daire: 1{small}",),
    ),
)
