"""What a probe says about an interpreter."""

import os
import re
import sys

import pytest


def test_a_probe_says_what_is_installed_without_importing_it(workspace):
    import cloudpickle
    import pip
    import prefect

    fake = workspace.path("fake")
    workspace.write({"prefect/__init__.py": "raise SystemExit(9)"}, fake)
    versions = workspace.result({"action": "probe", "folders": []}, PYTHONPATH=fake)["versions"]
    expected = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "prefect": prefect.__version__,
        "cloudpickle": cloudpickle.__version__,
        "pip": pip.__version__,
    }
    assert versions == expected


def test_a_probe_gives_null_for_a_missing_package(workspace):
    versions = workspace.result({"action": "probe", "folders": []}, flags=["-S"])["versions"]
    assert (versions["prefect"], versions["cloudpickle"]) == (None, None)


class TestFolders:
    @pytest.fixture
    def real(self, workspace):
        """A folder with a subfolder, and a link to it."""
        real = workspace.path("real")
        os.makedirs(os.path.join(real, "below"))
        os.chmod(real, 0o1777)
        os.symlink(real, workspace.path("link"))
        return real

    def test_a_probe_gives_the_folders_above_a_folder_with_links_resolved(self, workspace, real):
        asked = workspace.path("link", "below")
        [chain] = workspace.result({"action": "probe", "folders": [asked]})["folders"].values()
        top = os.path.realpath(real)
        assert [each["path"] for each in chain[-2:]] == [top, os.path.join(top, "below")]
        assert chain[0]["path"] == os.sep + top.split(os.sep)[1]

    def test_a_probe_gives_the_owner_and_the_mode_of_a_folder(self, workspace, real):
        asked = workspace.path("link", "below")
        chain = workspace.result({"action": "probe", "folders": [asked]})["folders"][asked]
        owner = {"uid": os.getuid(), "gid": os.getgid()}
        assert chain[-2] == dict(owner, path=os.path.realpath(real), mode=0o1777)

    def test_a_probe_leaves_out_missing_folders(self, workspace, real):
        asked, absent = workspace.path("link", "below"), workspace.path("absent")
        folders = workspace.result({"action": "probe", "folders": [asked, absent]})["folders"]
        assert list(folders) == [asked]


def test_a_probe_gives_the_folders_of_packages_without_the_standard_library(workspace):
    other = workspace.path("other")
    os.mkdir(other)
    result = workspace.result({"action": "probe", "folders": []}, PYTHONPATH=other)
    library = os.path.realpath(os.path.dirname(os.__file__))
    assert library not in result["site"]
    assert os.path.realpath(other) not in result["site"]
    assert any(folder.endswith(("site-packages", "dist-packages")) for folder in result["site"])


@pytest.mark.skipif(sys.platform != "linux", reason="another system has another C library")
def test_a_probe_gives_the_c_library(workspace):
    libc = workspace.result({"action": "probe", "folders": []})["libc"]
    assert re.match(r"glibc \d+\.\d+$|musl$", libc)
