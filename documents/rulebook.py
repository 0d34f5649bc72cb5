"""What may be stored: the size, and the kinds of file, each known by its content."""

from __future__ import annotations

from dataclasses import dataclass

MAX_FILE_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Args:
        content_type: the media type it is stored and sent under.
        label: its name in Chinese.
        extensions: endings of file names that may hold it, lower case.
    """

    content_type: str
    label: str
    extensions: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument."
TEXT = Kind("text/plain", "文本", ("txt", "csv", "json", "jsonl", "xml", "md", "log"))
ZIP = Kind("application/zip", "ZIP 压缩包", ("zip",))
# Told apart by a member of the archive; the first that is there decides. OFD: GB/T 33190-2016.
ZIP_KINDS: tuple[tuple[str, Kind], ...] = (
    ("OFD.xml", Kind("application/ofd", "OFD 版式文件", ("ofd",))),
    ("word/document.xml", Kind(_OFFICE + "wordprocessingml.document", "Word 文档", ("docx",))),
    ("xl/workbook.xml", Kind(_OFFICE + "spreadsheetml.sheet", "Excel 表格", ("xlsx",))),
    ("ppt/presentation.xml", Kind(_OFFICE + "presentationml.presentation", "演示文稿", ("pptx",))),
)
# By the media types that the recognising library gives. What is not here (programs, web pages) is not stored.
KINDS: dict[str, Kind] = {
    "application/pdf": Kind("application/pdf", "PDF", ("pdf",)),
    # Word, Excel, PowerPoint of before 2007 and WPS share one container.
    "application/msword": Kind(
        "application/x-ole-storage", "旧版 Office 或 WPS 文档", ("doc", "xls", "ppt", "wps", "et", "dps")
    ),
    "application/rtf": Kind("application/rtf", "RTF 文档", ("rtf", "doc")),
    "image/png": Kind("image/png", "PNG 图片", ("png",)),
    "image/jpeg": Kind("image/jpeg", "JPEG 图片", ("jpg", "jpeg")),
    "image/gif": Kind("image/gif", "GIF 图片", ("gif",)),
    "image/tiff": Kind("image/tiff", "TIFF 图片", ("tif", "tiff")),
    "image/x-ms-bmp": Kind("image/bmp", "BMP 图片", ("bmp",)),
    "application/vnd.rar": Kind("application/vnd.rar", "RAR 压缩包", ("rar",)),
    "application/x-7z-compressed": Kind("application/x-7z-compressed", "7z 压缩包", ("7z",)),
    "audio/mpeg": Kind("audio/mpeg", "MP3 录音", ("mp3",)),
    "audio/wave": Kind("audio/wav", "WAV 录音", ("wav",)),
    "video/mp4": Kind("video/mp4", "MP4 录像", ("mp4",)),
}  # fmt: skip
# What runs on a desk computer when it is opened: not in an archive either (one level is looked into).
EXECUTABLES = frozenset({
    "exe", "dll", "com", "scr", "pif", "cpl", "msi", "msp", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh",
    "hta", "ps1", "psm1", "lnk", "reg", "jar", "apk", "sh", "desktop",
})  # fmt: skip
EXECUTABLE_BEGINS = (b"MZ", b"\x7fELF", b"#!")
MOST_MEMBERS = 10_000
# Text to a program, a page with scripts to a browser.
REFUSED_TYPES = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})
