"""Small files of many kinds, made here."""

from __future__ import annotations

import io
import struct
import zipfile


def zipped(*members: str) -> bytes:
    """A ZIP archive with the named members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for member in members:
            archive.writestr(member, "<x/>")
    return made.getvalue()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(17)
OFFICE = "application/vnd.openxmlformats-officedocument."
# name, content, content type
GOOD = [
    ("公告.pdf", PDF, "application/pdf"),
    ("纯文本的.PDF", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "application/pdf"),
    ("a.png", PNG, "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(50) + b"\xff\xd9", "image/jpeg"),
    ("a.gif", b"GIF89a" + bytes(40), "image/gif"),
    ("a.bmp", b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<I", 40) + bytes(60), "image/bmp"),
    ("a.tif", b"II*\x00\x08\x00\x00\x00" + bytes(60), "image/tiff"),
    ("a.docx", zipped("[Content_Types].xml", "word/document.xml"), OFFICE + "wordprocessingml.document"),
    ("a.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
    ("a.pptx", zipped("[Content_Types].xml", "ppt/presentation.xml"), OFFICE + "presentationml.presentation"),
    ("a.ofd", zipped("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
    ("a.zip", zipped("a.txt"), "application/zip"),
    ("empty.zip", zipped(), "application/zip"),
    ("a.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "application/x-ole-storage"),
    ("a.et", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "application/x-ole-storage"),
    ("a.rtf", b"{\\rtf1 x}", "application/rtf"),
    ("a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(100), "application/vnd.rar"),
    ("a.7z", b"7z\xbc\xaf'\x1c\x00\x04" + bytes(100), "application/x-7z-compressed"),
    ("a.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(60), "video/mp4"),
    ("a.mp3", b"ID3\x03\x00" + bytes(100), "audio/mpeg"),
    ("a.wav", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60), "audio/wav"),
    ("a.txt", "招标公告\n".encode(), "text/plain"),
    ("a.csv", "项目，金额\n一，2\n".encode("gb18030"), "text/plain"),
    ("a.txt", b"\xef\xbb\xbf" + "招标".encode(), "text/plain"),
    ("a.txt", "招标\r\n".encode("utf-16"), "text/plain"),
    ("a.txt", "BMW 车辆维修报价".encode(), "text/plain"),
    ("a.json", b'{"a": 1}', "text/plain"),
    ("a.xml", b'<?xml version="1.0"?><a/>', "text/plain"),
    ("", PDF, "application/pdf"),
    ("无扩展名", PDF, "application/pdf"),
]
BAD = [
    b"MZ\x90\x00" + bytes(100),
    b"\x7fELF\x02\x01\x01" + bytes(60),
    b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    bytes(1000),
    b"a text with a NUL\x00 in it",
    "最后一个字缺一半".encode()[:-1] + b"\xff",
    b"\x01\x02\x03",
]
