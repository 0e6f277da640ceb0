"""A FHIR Attachment to text: base64, content type and charset; HTML and RTF by libraries."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from email.message import Message
from typing import Any

from jobs.sources.decoding import DEFAULT, UNDECODABLE, decoded
from jobs.sources.records import UNDECODED

_PLAIN = ("text/plain", "text/markdown", "text/x-markdown")
_HTML = ("text/html", "application/xhtml+xml")
_RTF = ("text/rtf", "application/rtf", "text/richtext", "application/x-rtf")
READABLE = (*_PLAIN, *_HTML, *_RTF)
"""Content types that become text, the best first."""
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+\-]{1,80}")


class AttachmentError(Exception):
    """An attachment is not text here. Its words are the error of the row, without any content."""


def best_text(attachments: Iterable[Any]) -> str:
    """The text of the first of the best readable type: FHIR's attachments of one element are the
    same document in several formats. Raises AttachmentError: why the first has none.
    """
    sound = [one for one in attachments if isinstance(one, dict)]
    if not sound:
        raise AttachmentError("fhir: NoAttachment")
    first, *others = sorted(sound, key=_preference)
    try:
        return attachment_text(first)
    except AttachmentError:
        with suppress(AttachmentError):
            return best_text(others)
        raise


def attachment_text(attachment: Mapping[str, Any]) -> str:
    """The text of one attachment. Raises AttachmentError."""
    kind, charset = content_type(attachment)
    data = attachment.get("data")
    if not isinstance(data, str):
        by_url = attachment.get("url") is not None
        raise AttachmentError("fhir: AttachmentByUrl" if by_url else "fhir: NoAttachment")
    if kind not in READABLE:
        told = f" ({kind})" if _TYPE.fullmatch(kind) else ""
        missing = "" if kind else "fhir: NoContentType"
        raise AttachmentError(missing or f"fhir: UnsupportedContentType{told}")
    content = _bytes(data)
    if kind in _RTF:
        return _of_rtf(content)
    if charset is None and kind in _HTML and (meta := _META.search(content[:4096])):
        charset = meta[1].decode("ascii")
    text = _decoded(content, charset or DEFAULT)
    return _of_html(text) if kind in _HTML else text


def content_type(attachment: Mapping[str, Any]) -> tuple[str, str | None]:
    """The type in small letters, empty where there is none, and the charset that it names."""
    said = attachment.get("contentType")
    if not isinstance(said, str) or not said.strip():
        return "", None
    header = Message()
    header["content-type"] = " ".join(said.split())
    charset = header.get_param("charset")
    return said.split(";")[0].strip().lower(), charset.strip() if isinstance(charset, str) else None


def _preference(attachment: Mapping[str, Any]) -> int:
    kind = content_type(attachment)[0]
    return READABLE.index(kind) if kind in READABLE else len(READABLE)


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise AttachmentError("fhir: InvalidBase64") from None


def _decoded(content: bytes, charset: str) -> str:
    try:
        codecs.lookup(charset)
        text = decoded(content, charset)
    except (LookupError, ValueError):
        raise AttachmentError("fhir: UnknownCharset") from None
    if UNDECODABLE in text:
        raise AttachmentError(UNDECODED)
    return text


def _of_html(text: str) -> str:
    from inscriptis import get_text  # noqa: PLC0415 (extra [fhir])

    try:
        # libxml2 ends a text at NUL.
        return str(get_text(text.replace("\x00", "\ufffd"))) if text.strip() else ""
    except Exception:  # noqa: BLE001 (what a broken page raises varies, and may quote it)
        raise AttachmentError("fhir: UnreadableHtml") from None


def _of_rtf(content: bytes) -> str:
    from striprtf.striprtf import rtf_to_text  # noqa: PLC0415 (extra [fhir])

    if not content.lstrip().startswith(b"{\\rtf"):
        raise AttachmentError("fhir: UnreadableRtf")
    try:
        # RTF is ASCII; it names the code page of its escapes itself.
        return str(rtf_to_text(content.decode("cp1252", "replace"), errors="replace"))
    except Exception:  # noqa: BLE001 (as above)
        raise AttachmentError("fhir: UnreadableRtf") from None
