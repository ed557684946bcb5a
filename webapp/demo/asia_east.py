"""East and South-East Asia: cities, streets and names of its customers.

It refuses to know what is made of them.
"""

from webapp.demo.places import City, Country

COUNTRIES = (
    Country(
        "JP",
        "Asia/Tokyo",
        "{street}{small}丁目{few}番{lot}号",
        (
            City("渋谷区", "東京都", (("神宮前", "150-0001"), ("恵比寿", "150-0013")), "+81 3-5550-####"),
            City("大阪市北区", "大阪府", (("梅田", "530-0001"), ("天神橋", "530-0041")), "+81 6-5550-####"),
            City("札幌市中央区", "北海道", (("南一条西", "060-0061"),), "+81 11-555-####"),
            City("福岡市博多区", "福岡県", (("博多駅前", "812-0011"),), "+81 92-555-####"),
        ),
        (
            ("株式会社さくら精機", "sakura-seiki"),
            ("有限会社山田酒造", "yamada-shuzo"),
            ("カフェ・ド・ミドリ", "cafe-midori"),
            ("Hoshizora Games K.K.", "hoshizora"),
        ),
        (("佐藤 花子", "hanako.sato"), ("髙橋 健太", "kenta.takahashi"), ("渡邉 美咲", "misaki.watanabe")),
        ("青山ビル {small}階", "中央ビル {small}02号室"),
    ),
    Country(
        "KR",
        "Asia/Seoul",
        "{street} {number}",
        (
            City("강남구", "서울특별시", (("테헤란로", "06133"), ("도산대로", "06038")), "+82 2-555-####"),
            City("해운대구", "부산광역시", (("해운대로", "48095"),), "+82 51-555-####"),
        ),
        (
            ("주식회사 새빛나루소프트", "saebitnaru"),
            ("달빛서점", "dalbit-books"),
            ("Dalmaji Cosmetics Co., Ltd.", "dalmaji"),
        ),
        (("김지영", "jiyoung.kim"), ("이민재", "minjae.lee")),
        ("{small}층", "10{small}동 1203호"),
    ),
    Country(
        "CN",
        "Asia/Shanghai",
        "{street}{number}号",
        (
            City("朝阳区", "北京市", (("建国路", "100022"), ("工人体育场北路", "100027")), "+86 10 5555 ####"),
            City("徐汇区", "上海市", (("淮海中路", "200031"),), "+86 21 5555 ####"),
            City("深圳市", "广东省", (("深南大道", "518000"),), "+86 755 5555 ####"),
        ),
        (("北京云帆科技有限公司", "yunfan"), ("上海梧桐茶业有限公司", "wutong-tea"), ("深圳蓝鲸电子", "lanjing")),
        (("王小明", "xiaoming.wang"), ("李静", "li.jing")),
        ("{small}号楼1{small}02室",),
    ),
    Country(
        "TW",
        "Asia/Taipei",
        "{street}{number}號",
        (
            City("大安區", "台北市", (("忠孝東路四段", "106"), ("永康街", "106")), "+886 2 5550 ####"),
            City("中西區", "台南市", (("海安路二段", "700"),), "+886 6 555 ####"),
        ),
        (("好日子咖啡有限公司", "goodday-coffee"), ("Formosa Bike Parts Co.", "formosabike")),
        (("陳怡君", "yijun.chen"), ("林志豪", "chihhao.lin")),
        ("{small}樓",),
    ),
    Country(
        "HK",
        "Asia/Hong_Kong",
        "{street}{number}號",
        (
            City("中環", "香港島", (("皇后大道中", ""), ("荷李活道", "")), "+852 2555 ####"),
            City("旺角", "九龍", (("彌敦道", ""),), "+852 2355 5###"),
        ),
        (("金龍貿易有限公司", "goldendragon"), ("Harbour Light Trading Ltd", "harbourlight")),
        (("黃嘉欣", "karen.wong"),),
        ("{small}樓A室",),
    ),
    Country(
        "SG",
        "Asia/Singapore",
        "{number} {street}",
        (
            City(
                "Singapore",
                "",
                (("Tanjong Pagar Road", "088467"), ("Joo Chiat Road", "427359"), ("Serangoon Road", "218230")),
                "+65 6555 ####",
            ),
        ),
        (("Merlion Data Pte. Ltd.", "merliondata"), ("Kopi Tiam Heritage LLP", "kopiheritage")),
        (("Tan Wei Ling 陈慧玲", "weiling.tan"), ("Muhammad Hafiz bin Osman", "hafiz.osman")),
        ("#0{small}-1{small}",),
    ),
    Country(
        "MY",
        "Asia/Kuala_Lumpur",
        "{number}, {street}",
        (
            City(
                "Kuala Lumpur",
                "Kuala Lumpur",
                (("Jalan Sultan Ismail", "50250"), ("Jalan Telawi 3", "59100")),
                "+60 3-5550 ####",
            ),
            City("Kuching", "Sarawak", (("Jalan Padungan", "93100"),), "+60 82-555 ###", "Asia/Kuching"),
        ),
        (("Syarikat Batik Seri Pantai Sdn. Bhd.", "batikpantai"),),
        (("Nurul Aisyah binti Rahman", "nurul.aisyah"), ("Arumugam a/l Subramaniam", "arumugam.s")),
        ("Tingkat {small}",),
    ),
    Country(
        "TH",
        "Asia/Bangkok",
        "{number} {street}",
        (
            City("วัฒนา", "กรุงเทพมหานคร", (("ถนนสุขุมวิท", "10110"), ("ซอยทองหล่อ", "10110")), "+66 2 555 ####"),
            City("เมืองเชียงใหม่", "เชียงใหม่", (("ถนนนิมมานเหมินท์", "50200"),), "+66 53 555 ###"),
        ),
        (("บริษัท ดอกบัวทอง จำกัด", "dokbuathong"), ("Lanna Craft House Co., Ltd.", "lannacraft")),
        (("สมชาย ใจดี", "somchai.jaidee"), ("พรทิพย์ ศรีสุข", "pornthip.s")),
        ("ชั้น {small}",),
    ),
    Country(
        "VN",
        "Asia/Ho_Chi_Minh",
        "{number} {street}",
        (
            City(
                "Hồ Chí Minh",
                "Thành phố Hồ Chí Minh",
                (("Đường Nguyễn Huệ", "71006"), ("Đường Lê Lợi", "71007")),
                "+84 28 5555 ####",
            ),
            City("Hà Nội", "Hà Nội", (("Phố Hàng Bạc", "11014"),), "+84 24 5555 ####"),
            City("Đà Nẵng", "Đà Nẵng", (("Đường Bạch Đằng", "55000"),), "+84 236 555 ####"),
        ),
        (
            ("Công ty TNHH Phở Bắc Hải", "phobachai"),
            ("Công ty Cổ phần Gạo Vàng", "gaovang"),
            ("Nhà sách Đông Á", "donga-books"),
        ),
        (("Nguyễn Thị Ánh Tuyết", "anhtuyet.nguyen"), ("Trần Đức Thắng", "thang.tran")),
        ("Tầng {small}", "Phòng {small}05"),
    ),
    Country(
        "ID",
        "Asia/Jakarta",
        "{street} No. {number}",
        (
            City(
                "Jakarta Selatan",
                "DKI Jakarta",
                (("Jalan Kemang Raya", "12730"), ("Jalan Senopati", "12110")),
                "+62 21 5550 ####",
            ),
            City("Denpasar", "Bali", (("Jalan Gajah Mada", "80111"),), "+62 361 555 ###", "Asia/Makassar"),
            City("Jayapura", "Papua", (("Jalan Ahmad Yani", "99111"),), "+62 967 555 ###", "Asia/Jayapura"),
        ),
        (("PT Rempah Nusantara Jaya", "rempahnusantara"), ("CV Anyaman Lestari", "anyamanlestari")),
        (("Ni Luh Putu Ayu", "putu.ayu"), ("Sutrisno", "sutrisno77")),
        ("RT 00{small}/RW 02", "Lantai {small}"),
    ),
    Country(
        "PH",
        "Asia/Manila",
        "{number} {street}",
        (
            City("Makati", "Metro Manila", (("Ayala Avenue", "1226"), ("Kalayaan Avenue", "1210")), "+63 2 8555 ####"),
            City("Cebu City", "Cebu", (("Osmeña Boulevard", "6000"),), "+63 32 255 5###"),
        ),
        (("Bayanihan Logistics Corp.", "bayanihan"), ("Niño & Niña Kidswear", "ninoynina")),
        (("Ma. Corazón Dela Peña", "corazon.delapena"), ("Jun-Jun Villaseñor", "junjun.v")),
        ("Brgy. San Antonio", "Unit {small}F"),
    ),
)
