"""What an exposition of /metrics says, as values to compare. Knows no route."""

from prometheus_client.parser import text_string_to_metric_families as read_plain

Labels = tuple[tuple[str, str], ...]


def samples(text: str) -> dict[tuple[str, Labels], float]:
    """Every value of an exposition, by name and sorted labels. One that is there twice is a fault of it."""
    found = [
        ((sample.name, tuple(sorted(sample.labels.items()))), sample.value)
        for family in read_plain(text)
        for sample in family.samples
    ]
    assert len(found) == len(dict(found))
    return dict(found)


def requests_of(text: str) -> dict[tuple[str, str, str], float]:
    """Requests answered by method, route and status."""
    return {
        (dict(labels)["method"], dict(labels)["route"], dict(labels)["status"]): value
        for (name, labels), value in samples(text).items()
        if name == "http_requests_total"
    }
