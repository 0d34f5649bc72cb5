"""What the system says about files, in Chinese. Standard library alone."""

from __future__ import annotations

import errno

_KNOWN = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EISDIR: "它是目录，不是文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "文件系统只读",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "同名的文件已存在",
    errno.ENAMETOOLONG: "路径太长",
    errno.EIO: "磁盘读写出错",
    errno.ESTALE: "共享目录已断开",
    errno.ELOOP: "链接指来指去，没有尽头",
}


def reason(error: OSError) -> str:
    """The reason of ``error`` in Chinese, or as the system puts it."""
    return _KNOWN.get(error.errno or 0, error.strerror or str(error))
