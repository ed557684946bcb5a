"""What a person reads for a field of a customer. Knows nothing else."""

from webapp.phrases import phrase

LABELS = {
    "external_id": phrase("External ID"),
    "name": phrase("Name"),
    "email": phrase("Email"),
    "contact": phrase("Phone"),
    "address_line1": phrase("Address line 1"),
    "address_line2": phrase("Address line 2"),
    "address_city": phrase("City"),
    "address_state": phrase("State or region"),
    "address_postal_code": phrase("Postal code"),
    "address_country": phrase("Country"),
    "timezone": phrase("Time zone"),
    "parent_customer_id": phrase("Parent customer"),
    "parent_customer_external_id": phrase("Parent customer"),
    "metadata": phrase("Metadata"),
    "integration_entity_mapping": phrase("Integration"),
    "status": phrase("Status"),
    "created_at": phrase("Created"),
    "updated_at": phrase("Last changed"),
    "version": phrase("Version"),
}


def field_label(name: str) -> str:
    """The label of a field by its JSON name; the name itself where it has none."""
    return LABELS.get(name, name)
