"""Every error a person can meet, as one tree.

    HepVisionError                  exit 1
    ├── SourceError                 exit 3
    │   ├── SourceOpenError
    │   ├── SourceReadError
    │   └── CalibrationError
    ├── ModelError                  exit 3
    │   ├── ModelMissingError
    │   └── ModelDamagedError
    ├── PoseEstimationError         exit 1
    ├── ExerciseSpecError           exit 2
    │   ├── UnknownExerciseError
    │   ├── DemonstrationError
    │   └── TargetsError
    ├── ProgramError                exit 2
    ├── FeelingError                exit 2
    ├── TruthError                  exit 3
    ├── LearningError               exit 1
    ├── NotRecognisedError          exit 5
    ├── DisplayError                exit 3
    ├── ClusterError                exit 3
    ├── StoreError                  exit 4
    │   ├── ClipError
    │   ├── SchemaTooNewError
    │   ├── NotThereError           exit 2
    │   ├── MessageChangedError     exit 2
    │   └── StaleVersionError       exit 2
    └── ExportError                 exit 1
        └── OutputTakenError        exit 2

The message of each is one line that says what is wrong and what to do. Adapters map the
exceptions of the libraries they wrap to these; the command line maps these to exit codes.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Process exit codes, documented in the README."""

    OK = 0
    ANALYSIS_FAILED = 1
    USAGE = 2
    INPUT_UNUSABLE = 3
    STORE_UNUSABLE = 4
    NOT_RECOGNISED = 5


class HepVisionError(Exception):
    """Base of every error this project raises on purpose."""

    exit_code = ExitCode.ANALYSIS_FAILED


class SourceError(HepVisionError):
    """A video or landmark track cannot be used."""

    exit_code = ExitCode.INPUT_UNUSABLE


class SourceOpenError(SourceError):
    """The source is missing, of the wrong kind, or empty."""


class SourceReadError(SourceError):
    """The source opened, but its content cannot be read."""


class CalibrationError(SourceError):
    """A recording does not show what a person usually does."""


class ModelError(HepVisionError):
    """The pose model cannot be used."""

    exit_code = ExitCode.INPUT_UNUSABLE


class ModelMissingError(ModelError):
    """The model file is not on this machine."""


class ModelDamagedError(ModelError):
    """The model file is not the one its checksum names."""


class PoseEstimationError(HepVisionError):
    """MediaPipe failed on a frame it should accept."""


class ExerciseSpecError(HepVisionError):
    """An exercise file is malformed; the message names file and key."""

    exit_code = ExitCode.USAGE


class UnknownExerciseError(ExerciseSpecError):
    """No exercise has this id; the message suggests the nearest."""


class DemonstrationError(ExerciseSpecError):
    """An exercise cannot be drawn as asked; the message says what can be."""


class TargetsError(ExerciseSpecError):
    """What is set for a patient does not go with the exercise; names file or option, and key."""


class FeelingError(HepVisionError):
    """What a patient tells cannot be kept as it is."""

    exit_code = ExitCode.USAGE


class ProgramError(HepVisionError):
    """A home exercise program is malformed, or there is none; names file and key."""

    exit_code = ExitCode.USAGE


class TruthError(HepVisionError):
    """A truth file is malformed; the message names file and key."""

    exit_code = ExitCode.INPUT_UNUSABLE


class NotRecognisedError(HepVisionError):
    """Which exercise a recording shows cannot be told; the message names the nearest."""

    exit_code = ExitCode.NOT_RECOGNISED


class LearningError(HepVisionError):
    """A recording does not teach an exercise."""


class DisplayError(HepVisionError):
    """There is no screen to show a window on."""

    exit_code = ExitCode.INPUT_UNUSABLE


class ClusterError(HepVisionError):
    """The machines that were to do the work cannot be used, or not any more."""

    exit_code = ExitCode.INPUT_UNUSABLE


class StoreError(HepVisionError):
    """The local log cannot be read or written."""

    exit_code = ExitCode.STORE_UNUSABLE


class ClipError(StoreError):
    """A clip is missing, or is not the file that was kept."""


class SchemaTooNewError(StoreError):
    """The log was written by a newer version of this program."""


class NotThereError(StoreError):
    """What was asked for by its id is not in the log."""

    exit_code = ExitCode.USAGE


class MessageChangedError(StoreError):
    """A message has other words than those that were read, or there is none."""

    exit_code = ExitCode.USAGE


class StaleVersionError(StoreError):
    """A program was changed by somebody else while it was being edited."""

    exit_code = ExitCode.USAGE


class ExportError(HepVisionError):
    """An output file cannot be written."""


class OutputTakenError(ExportError):
    """Where an output belongs is a file that is not ours to replace."""

    exit_code = ExitCode.USAGE
