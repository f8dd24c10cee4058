"""What the peers of the validate benchmark share: the columns of schema.yaml and its longer values."""

from datetime import datetime

TEXTS = ["trip_id", "company", "payment", "zone"]
COLUMNS = [*TEXTS, "started_at", "seconds", "miles", "fare", "tips", "total", "passengers"]
COMPANIES = [f"{name} {kind}" for name in ("Blue", "City", "Flash", "Medallion", "Sun") for kind in ("Cab", "Taxi")]
PAYMENTS = ["Credit Card", "Cash", "Mobile", "Unknown"]
START = datetime(2026, 1, 1)
