"""What stands on a PDF, as a reader of it finds it. Its tests are marked `paper`: they need pdftotext."""

import re
import subprocess


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, without the spaces and lines that only the layout has put there."""
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60)
    return [re.sub(r"\s+", "", page) for page in read.stdout.decode().split("\f")[:-1]]
