"""Puts files where the layer of an image has them."""

import base64
import io
import os
import shutil
import tarfile


def place(request):
    """Unpacks an archive below the root as a container engine does; not for who can't own its files."""
    if os.geteuid() != 0:
        return {"placed": False}
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(request["archive"]))) as archive:
        # It is flowstore's own, and what its links name is not refused (Python 3.14).
        archive.extraction_filter = lambda member, path: member
        for member in archive:
            path = os.path.join(os.sep, member.name)
            is_folder = os.path.isdir(path) and not os.path.islink(path)
            if is_folder and not member.isdir():
                shutil.rmtree(path)
            elif not is_folder and os.path.lexists(path):
                os.remove(path)
            archive.extract(member, os.sep, numeric_owner=True)
    return {"placed": True}
