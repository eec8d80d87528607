"""Carbon of electricity by province, as published each year by the Ministry of Ecology.

The file is the JSON of CodeCarbon (``china_provincial_emissions_YEAR.json``): factors in gCO2/kWh
by the English name of the province. Annual averages over what is generated and traded between
provinces; CO2 alone. Provinces that were not published have no row.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from liandong.load.base import Raw, hashes, unusable
from liandong.load.sheet import decode
from liandong.schema.provinces import adcodes

MEASURE, UNIT = "grid_carbon", "g CO2 a kWh"
_PUBLISHED_IN = "gCO2/kWh"


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hash of the file."""
    return hashes([path])


def read(path: Path) -> Iterator[Raw]:
    """Read a file.

    Yields
    ------
    Raw
        ``region_stat`` with the measure ``grid_carbon``; the vintage is the announcement. A
        province that no province is called is refused.

    Raises
    ------
    DataError
        If the file is not of this kind, or a factor is in another unit.
    """
    text = decode(path)
    try:
        found = json.loads(text)
        entries, told = list(found["data"].values()), found["metadata"]
        units = {e["unit"] for e in entries}
        names = [str(e["description"]) for e in entries]
        columns = {
            "region_id": [adcodes().get(n, n) for n in names],
            "period": [str(e["year"]) for e in entries],
            "measure": [MEASURE] * len(entries),
            "vintage": [str(told["announcement"])] * len(entries),
            "value": [str(e["emission_factor"]) for e in entries],
            "unit": [UNIT] * len(entries),
            "source": [str(told["source"])] * len(entries),
        }
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise unusable(path, "grid_carbon_form", why=error) from error
    if units != {_PUBLISHED_IN}:
        raise unusable(path, "grid_carbon_unit", units=", ".join(sorted(map(str, units))))
    yield Raw("region_stat", pa.table(columns), path.name)
