"""Metadata entries and integration mappings as other programs would have left them on a record.

It refuses to know names and addresses; a country, a creation time and a stream of choices are all it is given.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from webapp.demo.dice import Dice

PLAN_TIERS = ("free", "starter", "team", "business", "enterprise", "enterprise_plus")
MANAGERS = (
    "Dana Whitfield",
    "Tomasz Zieliński",
    "Amara Okafor",
    "Li Na 李娜",
    "Søren Holm",
    "Inés Castaño",
    "Ravi Iyer",
)
SOURCES = ("website", "referral", "partner", "trade_fair", "cold_call", "import_2023", "app_store", "webinar")
SEGMENTS = ("smb", "mid_market", "enterprise", "non_profit", "education", "public_sector")
INDUSTRIES = ("retail", "hospitality", "manufacturing", "logistics", "healthcare", "software", "agriculture", "media")
NOTES = (
    "Prefers to be called after 14:00 local time.",
    "Pays by bank transfer only; purchase order number must be on the invoice.",
    "Moved office in spring, old invoices still carry the former address.",
    "Asked twice for a combined invoice for all branches.",
    "Do not send reminders in August, the office is closed.",
    "Accountant is a different person from the owner – check before changing the email.",
    "Migrated from the old billing system; the first invoice was corrected by hand.",
    "Wants answers in writing. Very kind on the phone, too. 🙂",
    "Seasonal business: seats go up in May and down in October.",
)
LOCAL_NOTES = {
    "DE": "Rechnung bitte immer mit Kostenstelle 4711.",
    "AT": "Ansprechpartnerin ist Frau Mag. Huber, Durchwahl 12.",
    "FR": "Préfère être contactée par e-mail, jamais le mercredi après-midi.",
    "ES": "Enviar la factura antes del día 5 de cada mes.",
    "BR": "Nota fiscal deve sair com o CNPJ da matriz.",
    "JP": "請求書は月末締め、翌月末払い。宛名は「御中」でお願いします。",
    "KR": "세금계산서는 매월 10일까지 발행해 주세요.",
    "CN": "发票抬头请写公司全称。",
    "SA": "يرجى إرسال الفاتورة باللغة العربية.",
    "EG": "التواصل عبر الهاتف أفضل من البريد.",
    "IL": "לשלוח חשבונית בעברית בלבד.",
    "UA": "Рахунки надсилати українською та англійською.",
    "GR": "Το τιμολόγιο στα ελληνικά, παρακαλώ.",
    "TH": "กรุณาออกใบกำกับภาษีเต็มรูป",
    "VN": "Xuất hóa đơn điện tử trước ngày 25 hằng tháng.",
    "IN": "GST invoice needed; branch code goes in the reference.",
    "TR": "E-fatura mükellefi, kâğıt fatura gönderilmesin.",
    "PL": "Faktura korygująca za marzec już wysłana.",
}
VAT_SHAPES = {
    "AT": "ATU########", "BE": "BE0#########", "BG": "BG#########", "CZ": "CZ########", "DE": "DE#########",
    "DK": "DK########", "EE": "EE#########", "ES": "ESB########", "FI": "FI########", "FR": "FR###########",
    "GB": "GB#########", "GR": "EL#########", "HR": "HR###########", "HU": "HU########", "IE": "IE#######T",
    "IT": "IT###########", "LT": "LT#########", "LV": "LV###########", "NL": "NL#########B01", "PL": "PL##########",
    "PT": "PT#########", "RO": "RO########", "SE": "SE##########01", "SK": "SK##########", "CH": "CHE-###.###.### MWST",
    "NO": "NO ### ### ### MVA", "IN": "27ABCDE####F1Z5", "AU": "ABN ## ### ### ###", "SA": "3############03",
    "BR": "##.###.###/0001-##", "ZA": "4#########",
}  # fmt: skip
EXTRA_TIERS = {"bronze": "4h", "silver": "2h", "gold": "1h"}

ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
HEXADECIMAL = "0123456789abcdef"


def uuid(dice: Dice) -> str:
    """Return a random-looking UUID of version 4."""
    parts = [dice.text(HEXADECIMAL, length) for length in (8, 4, 3, 3, 12)]
    return f"{parts[0]}-{parts[1]}-4{parts[2]}-{dice.one_of('89ab')}{parts[3]}-{parts[4]}"


MAPPING_IDS: dict[str, Callable[[Dice], str]] = {
    "stripe": lambda dice: "cus_" + dice.text(ALPHANUMERIC, 14),
    "razorpay": lambda dice: "cust_" + dice.text(ALPHANUMERIC, 14),
    "paypal": lambda dice: dice.text(CAPITALS, 13),
    "chargebee": lambda dice: "AzZ" + dice.text(ALPHANUMERIC, 13),
    "hubspot": lambda dice: dice.fill("1##########"),
    "quickbooks": lambda dice: str(dice.number(100, 99999)),
    "zoho_books": lambda dice: dice.fill("46000000#########"),
    "moyasar": uuid,
    "nomod": uuid,
    "paddle": lambda dice: "ctm_01h" + dice.text(BASE32, 23),
}
EVERYWHERE = ("stripe", "paypal", "chargebee", "hubspot", "quickbooks", "paddle")
LOCAL_PROVIDERS = {
    "IN": ("razorpay", "zoho_books"),
    "MY": ("razorpay",),
    "SA": ("moyasar", "zoho_books"),
    "AE": ("nomod", "zoho_books"),
    "JO": ("nomod",),
    "EG": ("nomod",),
}


def mappings(country: str, dice: Dice) -> dict[str, str]:
    """Return no, one, two or three mappings, with local providers where the country has some."""
    count = dice.one_of((0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 3))
    local = LOCAL_PROVIDERS.get(country, ())
    chosen = [*local, *dice.some_of(EVERYWHERE, count)][:count]
    return {provider: MAPPING_IDS[provider](dice) for provider in chosen}


def metadata(country: str, created_at: datetime, dice: Dice, *, is_company: bool) -> dict[str, str]:
    """Return 0 to 12 entries that agree with the country and the age of the record."""
    renewal = created_at.date() + timedelta(days=365 * dice.number(1, 3))
    sla = dice.one_of(tuple(EXTRA_TIERS))
    entries = {"plan_tier": dice.one_of(PLAN_TIERS), "renewal_date": renewal.isoformat()}
    optional = {
        "account_manager": dice.one_of(MANAGERS),
        "source": dice.one_of(SOURCES),
        "notes": dice.one_of((LOCAL_NOTES.get(country), None)) or dice.one_of(NOTES),
        "newsletter": dice.one_of(("true", "false")),
        "last_contact": (created_at.date() + timedelta(days=dice.number(3, 300))).isoformat(),
        "csat": f"{dice.number(28, 50) / 10}",
    }
    if is_company:
        optional |= {
            "seats": str(dice.one_of((3, 5, 8, 10, 12, 25, 40, 60, 120, 250, 1000))),
            "sla": sla,
            "first_response": EXTRA_TIERS[sla],
            "industry": dice.one_of(INDUSTRIES),
            "segment": dice.one_of(SEGMENTS),
            "po_number": dice.fill("PO-20##-####"),
        }
        if country in VAT_SHAPES:
            optional["vat_id"] = dice.fill(VAT_SHAPES[country])
    if dice.happens(12):
        return {}
    for key in dice.some_of(tuple(optional), dice.number(0, min(10, len(optional)))):
        entries[key] = optional[key]
    return entries
