"""The shipped playbooks and roles, for those who hand their paths to Ansible."""

from pathlib import Path

from wpstate.shipped import shipped


def playbook(name: str) -> Path:
    """`apply` → the path of playbooks/apply.yml. Raises FileNotFoundError."""
    path = shipped("playbooks") / f"{name}.yml"
    if not path.is_file():
        raise FileNotFoundError(f"this installation of wpstate lacks its playbook {name}")
    return path


def roles() -> Path:
    """The folder with all roles."""
    return shipped("roles")
