"""Build ``pose_landmarker_full.task`` from the networks in Google's own mediapipe wheel.

    python models/build_bundle.py [OUTPUT]

The wheel of mediapipe 0.10.21 carries the two networks of the full pose model as plain ``.tflite``
files. The Tasks API wants them in one zip, each with metadata that says how to normalise its
input. This program fetches the wheel with pip, adds that metadata with the wheel's own metadata
library and writes the zip with fixed time stamps, so that every run gives the same bytes. All
downloads, both networks and the result are checked against pinned SHA-256 sums.

Needs CPython 3.11 or 3.12 on 64-bit x86 Linux (the metadata library is compiled) and pip. The work
happens in a temporary folder; nothing is installed.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = """\
mediapipe==0.10.21 \
  --hash=sha256:05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3 \
  --hash=sha256:956eb1ebc275c629e61b085b2cab89c3a5b9e93bad1bb107348d98dafb5a4bb5
flatbuffers==25.12.19 \
  --hash=sha256:7634f50c427838bb021c2d66a3d1168e9d199b0607e6329399f04846d42e20b4
"""
BUNDLE_SHA256 = "82c1e4a6dc53a4427e49afba177b7b2f2042cca8e06c036a375dc87b8c5354ec"
SUPPORTED_PYTHONS = ((3, 11), (3, 12))
METADATA_LIBRARY = (
    "flatbuffers/",
    "mediapipe/tasks/metadata/",
    "mediapipe/tasks/python/metadata/",
    "mediapipe/tasks/cc/metadata/python/",
)


@dataclass(frozen=True)
class Network:
    """One network of the bundle and what its metadata must say."""

    source: str
    name_in_bundle: str
    sha256: str
    title: str
    normalisation_mean: float
    normalisation_std: float
    outputs: tuple[str, ...]


# The detector was trained on [-1, 1] input, the landmark network on [0, 1].
NETWORKS = (
    Network(
        source="mediapipe/modules/pose_detection/pose_detection.tflite",
        name_in_bundle="pose_detector.tflite",
        sha256="9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        title="BlazePose person detector",
        normalisation_mean=127.5,
        normalisation_std=127.5,
        outputs=("boxes", "scores"),
    ),
    Network(
        source="mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        name_in_bundle="pose_landmarks_detector.tflite",
        sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        title="BlazePose landmarks, full",
        normalisation_mean=0.0,
        normalisation_std=255.0,
        outputs=("landmarks", "presence", "segmentation", "heatmap", "world_landmarks"),
    ),
)


def main() -> None:
    """Build the bundle, or say in one line why it cannot be built."""
    parser = argparse.ArgumentParser(description="Build the full pose model bundle.")
    default = Path(__file__).with_name("pose_landmarker_full.task")
    parser.add_argument("output", nargs="?", type=Path, default=default)
    parser.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.library:
        write_bundle(arguments.library, arguments.output)
    else:
        build(arguments.output)


def build(output: Path) -> None:
    """Fetch what is needed into a temporary folder and build ``output`` from it."""
    if sys.version_info[:2] not in SUPPORTED_PYTHONS or sys.platform != "linux":
        sys.exit("build_bundle.py needs CPython 3.11 or 3.12 on 64-bit x86 Linux.")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "library")
        for wheel in download_wheels(Path(folder)):
            extract(wheel, library)
        draft = Path(folder, "bundle.task")
        # A child without site-packages: an installed mediapipe would hide the extracted one.
        command = [sys.executable, "-I", "-S", __file__, str(draft), "--library", str(library)]
        if subprocess.run(command, check=False).returncode:
            sys.exit("The bundle could not be assembled; see the message above.")
        check_sha256(draft.name, draft.read_bytes(), BUNDLE_SHA256)
        output.write_bytes(draft.read_bytes())
    sys.stdout.write(f"{output}: {output.stat().st_size:,} bytes, sha256 {BUNDLE_SHA256}\n")


def download_wheels(folder: Path) -> list[Path]:
    """Let pip fetch the pinned wheels into ``folder`` and verify their hashes."""
    requirements = folder / "requirements.txt"
    requirements.write_text(REQUIREMENTS)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--dest", str(folder), "--requirement", str(requirements)]
    if subprocess.run(command, check=False).returncode:
        sys.exit("pip could not fetch the pinned wheels; check the connection and try again.")
    return sorted(folder.glob("*.whl"))


def extract(wheel: Path, folder: Path) -> None:
    """Unpack the networks and the metadata library, and no package that imports the rest."""
    networks = {network.source for network in NETWORKS}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name in networks or name.startswith(METADATA_LIBRARY):
                archive.extract(name, folder)


def write_bundle(library: Path, output: Path) -> None:
    """Write both networks, with metadata, uncompressed and with fixed stamps to ``output``."""
    sys.path.insert(0, str(library))
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for network in NETWORKS:
            content = (library / network.source).read_bytes()
            check_sha256(network.source, content, network.sha256)
            entry = zipfile.ZipInfo(network.name_in_bundle, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, with_metadata(content, network))


def with_metadata(content: bytes, network: Network) -> bytes:
    """Return the network with the TFLite metadata that the Tasks API asks for."""
    from flatbuffers import Builder  # only in the child process
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema
    from mediapipe.tasks.python.metadata.metadata import MetadataPopulator

    properties = schema.ImagePropertiesT()
    properties.colorSpace = schema.ColorSpaceType.RGB
    image = schema.ContentT()
    image.contentPropertiesType = schema.ContentProperties.ImageProperties
    image.contentProperties = properties
    normalisation = schema.NormalizationOptionsT()
    normalisation.mean = [network.normalisation_mean]
    normalisation.std = [network.normalisation_std]
    step = schema.ProcessUnitT()
    step.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    step.options = normalisation

    picture = schema.TensorMetadataT()
    picture.name = "image"
    picture.content = image
    picture.processUnits = [step]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [picture]
    graph.outputTensorMetadata = []
    for name in network.outputs:
        tensor = schema.TensorMetadataT()
        tensor.name = name
        graph.outputTensorMetadata.append(tensor)
    model = schema.ModelMetadataT()
    model.name = network.title
    model.license = "Apache-2.0"
    model.subgraphMetadata = [graph]

    builder = Builder(0)
    builder.Finish(model.Pack(builder), MetadataPopulator.METADATA_FILE_IDENTIFIER)
    populator = MetadataPopulator.with_model_buffer(content)
    populator.load_metadata_buffer(bytes(builder.Output()))
    populator.populate()
    return bytes(populator.get_model_buffer())


def check_sha256(name: str, content: bytes, expected: str) -> None:
    """Stop with one line when ``content`` is not what its checksum names."""
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        sys.exit(f"{name}: sha256 is {actual}, expected {expected}; not used.")


if __name__ == "__main__":
    main()
