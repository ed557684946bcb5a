"""What a person reads for a field of a customer. Knows nothing else."""

LABELS = {
    "external_id": "External ID",
    "name": "Name",
    "email": "Email",
    "contact": "Phone",
    "address_line1": "Address line 1",
    "address_line2": "Address line 2",
    "address_city": "City",
    "address_state": "State or region",
    "address_postal_code": "Postal code",
    "address_country": "Country",
    "timezone": "Time zone",
    "parent_customer_id": "Parent customer",
    "parent_customer_external_id": "Parent customer",
    "metadata": "Metadata",
    "integration_entity_mapping": "Integration",
    "status": "Status",
    "created_at": "Created",
    "updated_at": "Last changed",
}


def field_label(name: str) -> str:
    """The label of a field by its JSON name; the name itself where it has none."""
    return LABELS.get(name, name)
