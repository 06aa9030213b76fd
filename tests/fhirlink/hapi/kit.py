"""What the FHIR server and the validator of the tests are installed from."""

from pathlib import Path
from typing import Final

from tests.java import Kit

KIT: Final = Kit(
    "hapi",
    Path(__file__).parent,
    ("Life.java", "FhirServer.java", "Validator.java"),
)


def options(home: Path, heap: str) -> list[str]:
    """Return how Java is told to run a program of the kit, but for its name."""
    return [
        f"-Xmx{heap}",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-cp",
        f"{home / 'classes'}:{home / 'lib'}/*",
    ]


if __name__ == "__main__":
    KIT.install()
