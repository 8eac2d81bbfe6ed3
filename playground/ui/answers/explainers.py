"""The explainers: what each picture begins with, of every variant that is chosen and of a usual architecture."""

from playground import explainers
from playground.formed import localized
from playground.ui.controls import Json, both
from playground.ui.describe import asked_variants
from playground.ui.registry import answer
from playground.ui.service import Service


@answer
def explained(service: Service, given: Json) -> Json:
    """For each variant what it has to explain, None where it cannot be built; what is usual; and the activations."""
    built = [one.architecture for one in asked_variants(given)]
    found = {
        "variants": [architecture and explainers.of(architecture) for architecture in built],
        "usual": explainers.usual(),
        "activations": explainers.activations(),
    }
    return localized(found, both)
