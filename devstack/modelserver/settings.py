"""Everything that can be chosen about a model server, faults and quotas included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Quotas:
    """Limits of documents; those of calls and jobs are settings of each service's behaviour.

    Attributes:
        textract_bytes: larger PDF and TIFF files get DocumentTooLargeException; 500 MB on AWS.
        textract_picture_bytes: the same for PNG and JPEG files; 10 MB on AWS.
        textract_pages: longer documents' jobs fail; 3,000 pages on AWS.
    """

    textract_bytes: int = 500 * 1024 * 1024
    textract_picture_bytes: int = 10 * 1024 * 1024
    textract_pages: int = 3000


@dataclass(frozen=True)
class RemoteChat:
    """An OpenAI-compatible server that answers chat instead of the small packaged model.

    Attributes:
        url: its base, such as http://127.0.0.1:11434/v1.
        model: the name it knows the model by.
        key: sent as a bearer token if not empty.
    """

    url: str
    model: str
    key: str = ""


# docqa's functions wait 60 seconds for passages. Like the service that it stands for, the embedding model refuses what
# it cannot do in time; what it has taken keeps it busy until those that it refused come again.
LONGEST_WAIT = 40.0


@dataclass(frozen=True)
class ModelServerSettings:
    """How one model server runs.

    Attributes:
        state_dir: jobs, endpoints and models, kept over a restart.
        emulator_url: the AWS emulator, where objects are read and written and notifications are published.
        embedding_model: folder with model.onnx and tokenizer.json.
        ocr_dpi: resolution at which PDF pages are rendered for OCR.
        behaviour_file: how the services behave from the start on, as `Behaviours`; None: without faults and limits.
        threads: how many cores the models may use.
        longest_wait: seconds; texts that would be embedded later than that are refused.
    """

    state_dir: Path
    emulator_url: str
    embedding_model: Path
    remote_chat: RemoteChat | None = None
    quotas: Quotas = Quotas()
    ocr_dpi: int = 150
    behaviour_file: Path | None = None
    threads: int = 2
    longest_wait: float = LONGEST_WAIT
