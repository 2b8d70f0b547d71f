"""What becomes of an installation, as a user makes it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import standins
from conftest import DIST, OTHERS, files_in
from programs import IMPORT_TIME, LOOK, NVRTC, REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from index import LocalIndex

Make = "Callable[..., Environment]"
# The bound of tests/goldens/base_model in float32.
TOLERANCE = 2e-4


def looks_right(seen: dict[str, Any], version: str, has: list[str]) -> None:
    """A model computes, and the wheels that are there are found."""
    assert seen["version"] == version and seen["has"] == has
    assert seen["difference"] < TOLERANCE
    assert seen["device"] in [kind if kind == "cpu" else f"{kind}:0" for kind in seen["available"]]


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
@pytest.mark.parametrize("python", ["3.10", "3.12", "3.13"])
def test_without_an_extra(make_environment: Make, version: str, python: str, uv: bool) -> None:
    environment = make_environment(python, uv=uv)
    environment.install("trustformers")
    assert {name for name in environment.packages() if name.startswith("trustformers")} == {
        "trustformers",
        "trustformers-cpu",
    }
    seen = environment.answer(LOOK)
    looks_right(seen, version, ["cpu"])
    assert seen["python"].startswith(python) and seen["engine"] == "cpu"
    assert 'pip install "trustformers[cuda]"' in environment.command("env").stdout


def test_the_extra_of_the_processor_adds_nothing(make_environment: Make, version: str) -> None:
    environment = make_environment()
    done = environment.install("trustformers[cpu]")
    assert "does not provide the extra" not in done.stdout + done.stderr
    assert {name for name in environment.packages() if name.startswith("trustformers")} == {
        "trustformers",
        "trustformers-cpu",
    }
    looks_right(environment.answer(LOOK), version, ["cpu"])


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
@pytest.mark.parametrize("kind", ["cuda", "rocm"])
def test_an_extra_adds_a_wheel(make_environment: Make, kinds: list[str], version: str, kind: str, uv: bool) -> None:
    if kind not in kinds:
        pytest.skip(f"dist/ has no wheel of trustformers-{kind}")
    environment = make_environment(uv=uv)
    environment.install(f"trustformers[{kind}]")
    seen = environment.answer(LOOK)
    looks_right(seen, version, ["cpu", kind])
    if seen["engine"] == "cpu":
        assert f"{kind} on this machine: no driver" in seen["passed_over"][kind]
        assert "no driver" in environment.command("env").stdout
        strict = environment.run(LOOK, check=False, TRUSTFORMERS_BACKEND=kind)
        assert strict.returncode == 1 and f"TRUSTFORMERS_BACKEND={kind}" in strict.stderr
        asked = REFUSED.format(f"import trustformers; trustformers.Device({kind!r})")
        error, message = environment.answer(asked)
        assert error == "UnsupportedError" and "no driver" in message


def test_all_extras_at_once(make_environment: Make, kinds: list[str], version: str) -> None:
    if not {"cuda", "rocm"} <= set(kinds):
        pytest.skip("dist/ has not both wheels of [all] on Linux")
    environment = make_environment()
    environment.install("trustformers[all]")
    assert {"trustformers-cuda", "trustformers-rocm"} <= set(environment.packages())
    assert "trustformers-metal" not in environment.packages()
    looks_right(environment.answer(LOOK), version, ["cpu", "cuda", "rocm"])
    if "metal" in kinds:
        environment.install("trustformers-metal")
        looks_right(environment.answer(LOOK), version, ["cpu", "cuda", "rocm", "metal"])
    seconds = environment.answer(IMPORT_TIME)
    print(f"import with every wheel installed: {seconds:.3f} s")
    assert seconds <= 0.15


def test_the_cpu_inside_an_accelerators_wheel(make_environment: Make, kinds: list[str]) -> None:
    if "rocm" not in kinds:
        pytest.skip("dist/ has no wheel of trustformers-rocm")
    environment = make_environment()
    environment.install("trustformers[rocm]")
    environment.pip("uninstall", "-y", "trustformers-cpu")
    seen = environment.answer(LOOK)
    assert seen["engine"] == "rocm" and seen["has"] == ["cpu", "rocm"] and seen["difference"] < TOLERANCE


def test_without_the_accelerator_the_processor_is_left(make_environment: Make, kinds: list[str]) -> None:
    if "cuda" not in kinds:
        pytest.skip("dist/ has no wheel of trustformers-cuda")
    environment = make_environment()
    environment.install("trustformers[cuda]")
    environment.pip("uninstall", "-y", "trustformers-cuda")
    seen = environment.answer(LOOK)
    assert seen["engine"] == "cpu" and seen["has"] == ["cpu"]
    error, message = environment.answer(REFUSED.format("import trustformers; trustformers.Device.cuda()"))
    assert error == "UnsupportedError" and 'pip install "trustformers[cuda]"' in message


def test_without_any_native_wheel(make_environment: Make) -> None:
    environment = make_environment()
    environment.install("trustformers")
    environment.pip("uninstall", "-y", "trustformers-cpu")
    done = environment.command("env", check=False)
    assert done.returncode == 1 and done.stderr.strip() == (
        "trustformers: no native engine is installed; pip install trustformers-cpu"
    )


def test_metal_on_linux_is_explained_when_it_is_asked_for(make_environment: Make) -> None:
    environment = make_environment()
    environment.install("trustformers[metal]")
    assert "trustformers-metal" not in environment.packages()
    error, message = environment.answer(REFUSED.format("import trustformers; trustformers.Device('mps')"))
    assert error == "UnsupportedError" and "macOS only" in message


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
def test_an_extra_whose_wheel_is_missing_does_not_install(
    make_index: Callable[..., LocalIndex], make_environment: Make, uv: bool
) -> None:
    without = [file for file in files_in(DIST, OTHERS) if not file.name.startswith("trustformers_cuda")]
    environment = make_environment(uv=uv, of=make_index(without))
    done = environment.install("trustformers[cuda]", check=False)
    assert done.returncode != 0 and "trustformers-cuda" in done.stderr
    assert "trustformers" not in environment.packages()


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
def test_upgrading_the_package_alone_is_a_conflict_and_is_said(
    make_index: Callable[..., LocalIndex],
    make_environment: Make,
    kinds: list[str],
    version: str,
    tmp_path: Path,
    uv: bool,
) -> None:
    earlier = [standins.write_package(tmp_path, ["cuda"])]
    earlier += [standins.write_native(tmp_path, kind) for kind in ("cpu", "cuda")]
    index = make_index(earlier + files_in(DIST, OTHERS))
    environment = make_environment(uv=uv, of=index)
    environment.install(f"trustformers[cuda]=={standins.EARLIER}")
    done = environment.install("--upgrade", "trustformers")
    packages = environment.packages()
    assert packages["trustformers"] == packages["trustformers-cpu"] == version
    assert packages["trustformers-cuda"] == standins.EARLIER
    if not uv:
        assert f"trustformers-cuda {standins.EARLIER} requires trustformers=={standins.EARLIER}" in done.stderr
    check = environment.pip("check", check=False)
    assert check.returncode != 0 and "trustformers-cuda" in check.stdout + check.stderr
    seen = environment.run(LOOK)
    assert f"trustformers-cuda {standins.EARLIER}: the versions differ" in seen.stderr
    assert f'pip install "trustformers[cuda]=={version}"' in seen.stderr
    assert json.loads(seen.stdout.splitlines()[-1])["engine"] == "cpu"
    if "cuda" in kinds:
        environment.install(f"trustformers[cuda]=={version}")
        assert environment.pip("check").returncode == 0 and "differ" not in environment.run(LOOK).stderr


def test_upgrading_a_native_wheel_alone_brings_the_package(
    make_index: Callable[..., LocalIndex], make_environment: Make, version: str, tmp_path: Path
) -> None:
    earlier = [standins.write_package(tmp_path, []), standins.write_native(tmp_path, "cpu")]
    environment = make_environment(of=make_index(earlier + files_in(DIST, OTHERS)))
    environment.install(f"trustformers=={standins.EARLIER}")
    environment.install("--upgrade", "trustformers-cpu")
    assert environment.packages()["trustformers"] == version
    looks_right(environment.answer(LOOK), version, ["cpu"])


def test_from_the_source_distribution(make_environment: Make, version: str) -> None:
    environment = make_environment()
    (source,) = DIST.glob("trustformers-*.tar.gz")
    environment.install(str(source))
    looks_right(environment.answer(LOOK), version, ["cpu"])


def test_the_compiler_of_nvidias_wheels_finds_its_headers(make_environment: Make, kinds: list[str]) -> None:
    if "cuda" not in kinds:
        pytest.skip("dist/ has no wheel of trustformers-cuda")
    environment = make_environment()
    environment.install("trustformers[cuda]")
    assert environment.answer(NVRTC) == [0, ""]


def test_vulkan_computes_on_the_processor_where_that_is_asked_for(
    make_environment: Make, kinds: list[str], version: str
) -> None:
    if "metal" not in kinds:
        pytest.skip("dist/ has no wheel of trustformers-metal")
    if subprocess.run(["vulkaninfo", "--summary"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine has no Vulkan driver")
    environment = make_environment()
    environment.install("trustformers", "trustformers-metal")
    seen = environment.answer(LOOK, TRUSTFORMERS_BACKEND="metal")
    looks_right(seen, version, ["cpu", "metal"])
    assert seen["device"] == "metal:0"
