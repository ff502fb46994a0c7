"""Fresh objects, made from the official fixtures, so that every field of Stripe's is there."""

import copy
import json
import secrets
import string
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).with_name("contract")
SIGNS = string.ascii_letters + string.digits

Json = dict[str, Any]

DOCUMENT: Json = json.loads((CONTRACT / "openapi.json").read_text())
API_VERSION: str = DOCUMENT["info"]["version"]
TEMPLATES: dict[str, Json] = json.loads((CONTRACT / "fixtures.json").read_text())["resources"]

# What ids begin with, and how many random signs follow (docs and fixtures; lengths vary there).
PREFIXES = {
    "checkout.session": ("cs_test_", 58), "payment_intent": ("pi_", 24), "charge": ("ch_", 24),
    "refund": ("re_", 24), "dispute": ("du_", 24), "event": ("evt_", 24), "item": ("li_", 24),
    "price": ("price_", 24), "product": ("prod_", 14), "balance_transaction": ("txn_", 24),
    "shipping_rate": ("shr_", 24), "radar.early_fraud_warning": ("issfr_", 24),
    "request": ("req_", 14), "payment_method": ("pm_", 24),
}  # fmt: skip

# The fixtures show every field with some value; these are the values of a plain new object.
BLANK: dict[str, Json] = {
    "checkout.session": {
        "adaptive_pricing": {"enabled": False}, "after_expiration": None, "cancel_url": None,
        "collected_information": None, "consent": None, "consent_collection": None,
        "currency_conversion": None, "customer_creation": "if_required", "customer_details": None,
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None,
                        "terms_of_service_acceptance": None},
        "discounts": [], "invoice_creation": None, "managed_payments": {"enabled": False},
        "payment_intent": None, "payment_method_collection": "if_required",
        "payment_method_configuration_details": None, "permissions": None, "return_url": None,
        "saved_payment_method_options": None, "shipping_address_collection": None,
        "shipping_cost": None, "success_url": None, "url": None, "wallet_options": None,
    },
    "payment_intent": {
        "amount_details": {"tip": {}}, "automatic_payment_methods": None, "canceled_at": None,
        "last_payment_error": None, "managed_payments": {"enabled": False}, "next_action": None,
        "payment_method_configuration_details": None, "processing": None, "shipping": None,
        "transfer_data": None,
    },
    "charge": {
        "balance_transaction": None, "description": None, "receipt_url": None, "refunds": None,
        "shipping": None, "source": None, "transfer_data": None,
        "outcome": {"advice_code": None, "network_status": "approved_by_network", "reason": None,
                    "seller_message": "Payment complete.", "type": "authorized"},
    },
    "item": {"adjustable_quantity": None, "metadata": {}},
    "price": {
        "custom_unit_amount": None, "recurring": None, "transform_quantity": None, "active": False,
    },
    "dispute": {"enhanced_eligibility_types": []},
}  # fmt: skip


def new_id(kind: str) -> str:
    """An id that looks like Stripe's, of random signs."""
    prefix, length = PREFIXES[kind]
    return prefix + "".join(secrets.choice(SIGNS) for _ in range(length))


def fresh(kind: str, *, at: int, **values: Any) -> Json:
    """A new object of test mode with an id of its own, created at this Unix time."""
    template = copy.deepcopy(TEMPLATES.get(kind, {}) | BLANK.get(kind, {}))
    own = {"id": new_id(kind), "object": kind, "created": at, "livemode": False}
    if template and "created" not in template:
        del own["created"]
    if template and "livemode" not in template:
        del own["livemode"]
    return template | own | copy.deepcopy(values)
