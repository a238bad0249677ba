"""Fetches secrets from where they are kept: environment, file, command, ansible-vault.

Whoever writes fleet files chooses among what the controller's owner laid out for wpstate, and
reaches nothing else of this machine: variables of one prefix, one folder, vaults in the fleet.
"""

import os
import subprocess
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from wpstate.model.problem import Problem, Refused
from wpstate.model.secret import Secret, SecretReference

PREFIX = "WPSTATE_SECRET_"
_LONGEST_BYTES = 1 << 16
_COMMAND_S = 30.0


def taken_from(environment: MutableMapping[str, str]) -> dict[str, str]:
    """The variables that hold secrets, removed, so that no program started later inherits them."""
    return {name: environment.pop(name) for name in tuple(environment) if name.startswith(PREFIX)}


class KeptSecrets:
    """Each secret is fetched when first asked for, and once."""

    def __init__(
        self,
        folder: Path,
        *,
        environment: Mapping[str, str],
        fleet_folder: Path,
        vault_password: Path | None,
    ) -> None:
        """`folder`: the files and programs that fleet files may name. `environment`: the variables
        they may name. `vault_password`: a file with the password of the fleet's vaults."""
        self._folder = folder
        self._environment = environment
        self._fleet_folder = fleet_folder
        self._vault_password = vault_password
        self._fetched: dict[SecretReference, Secret] = {}

    def reveal(self, reference: SecretReference) -> Secret:
        """One line of printable text. Raises Refused (`secret.missing`, `secret.vault`,
        `secret.value`); no error holds a part of a secret."""
        if reference not in self._fetched:
            text = self._text(reference)
            if not text or not (text.isascii() and text.isprintable()):
                raise _refused(
                    "secret.value",
                    "a secret is not one line of printable ASCII",
                    reference,
                    "headers hold nothing else (RFC 9110, 5.5)",
                )
            self._fetched[reference] = Secret(text)
        return self._fetched[reference]

    def _text(self, reference: SecretReference) -> str:
        match reference.source:
            case "env":
                text = self._environment.get(reference.name)
                if text is None:
                    raise _missing(reference, "the variable is not set")
                return text
            case "file":
                return _line(self._read(reference, self._below(reference)))
            case "command":
                return _line(self._run(reference))
            case _:
                return self._unlocked(reference)

    def _below(self, reference: SecretReference) -> Path:
        path = (self._folder / reference.name).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise _missing(reference, f"it leads out of {self._folder}")
        return path

    def _read(self, reference: SecretReference, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(_LONGEST_BYTES)
        except OSError as error:
            raise _missing(reference, f"{path}: {error.strerror}") from None

    def _run(self, reference: SecretReference) -> bytes:
        path = self._below(reference)
        try:
            ran = subprocess.run(
                (path,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_COMMAND_S,
                env={name: value for name, value in os.environ.items() if PREFIX not in name},
            )
        except subprocess.TimeoutExpired:
            raise _missing(reference, f"{path} took longer than {_COMMAND_S:g} s") from None
        except OSError as error:
            raise _missing(reference, f"{path}: {error.strerror}") from None
        if ran.returncode != 0:
            raise _missing(reference, f"{path} ended with code {ran.returncode}")
        return ran.stdout[:_LONGEST_BYTES]

    def _unlocked(self, reference: SecretReference) -> str:
        """One value of a YAML file that ansible-vault encrypted (ansible-core 2.19)."""
        import yaml

        with NamedTemporaryFile(suffix=".cfg") as empty:
            # Its import would read an ansible.cfg of the folder that we are in.
            os.environ["ANSIBLE_CONFIG"] = empty.name
            from ansible.errors import AnsibleError
            from ansible.parsing.vault import VaultLib, VaultSecret
        del os.environ["ANSIBLE_CONFIG"]
        name, _, key = reference.name.rpartition("#")
        path = (self._fleet_folder / name).resolve()
        if not path.is_relative_to(self._fleet_folder.resolve()):
            raise _missing(reference, "it leads out of the fleet")
        if self._vault_password is None:
            raise _missing(reference, "WPSTATE_VAULT_PASSWORD_FILE names no file")
        password = _line(self._read(reference, self._vault_password)).encode()
        vault = VaultLib([("default", VaultSecret(password))])
        try:
            values = yaml.safe_load(vault.decrypt(self._read(reference, path)))
        except (AnsibleError, yaml.YAMLError, UnicodeError):
            raise _refused(
                "secret.vault",
                "a vault cannot be opened",
                reference,
                "another password encrypted it, or it is no vault",
            ) from None
        value = values.get(key) if isinstance(values, dict) else None
        if not isinstance(value, str):
            raise _missing(reference, "the vault holds no text of this name")
        return value


def _line(data: bytes) -> str:
    return data.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def _missing(reference: SecretReference, why: str) -> Refused:
    return _refused("secret.missing", "a secret is not where the fleet says", reference, why)


def _refused(slug: str, what: str, reference: SecretReference, why: str) -> Refused:
    problem = Problem(slug, what, found=str(reference), why=why, mend="see docs/language.md")
    return Refused([problem])
