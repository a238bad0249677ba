"""What a run needs of a host, and what the site is still fit for where a need is not met.

Only these are tried (probe/trial.sh); judging is left to planning.fitness.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wpstate.model.fitness import Fit


@dataclass(frozen=True, slots=True)
class Need:
    slug: str
    without: Fit
    what: str
    """The problem's sentence where it is not met."""
    why: str
    mend: str


NEEDS: Mapping[str, Need] = {
    "tools": Need(
        "host.tools",
        Fit.OBSERVE,
        "the host lacks a tool that the safety net is made of",
        "without it nothing could be put back while WordPress is dead",
        "ask the hoster for GNU tar, find, xargs, coreutils, util-linux and awk in the PATH of SSH",
    ),
    "packer": Need(
        "host.packer",
        Fit.OBSERVE,
        "the host can neither pack nor unpack a snapshot",
        "a snapshot that cannot be unpacked is none",
        "ask the hoster for zstd, or at least gzip",
    ),
    "php": Need(
        "host.php_unfit",
        Fit.OBSERVE,
        "the PHP of the command line cannot make changes",
        "plugins are activated and zips unpacked by it",
        "name the site's own PHP: `php: php8.2` or its path, in hosts.yml",
    ),
    "writable": Need(
        "host.writable",
        Fit.OBSERVE,
        "a part of the code cannot be written by this account",
        "what cannot be written cannot be put back",
        "give these folders to the account, or name their owner: `run_as:` in hosts.yml",
    ),
    "rename": Need(
        "host.rename",
        Fit.OBSERVE,
        "folders of the site cannot be swapped by renaming",
        "a swap that is a copy leaves the site half changed for seconds",
        "give the account the right to write into these folders",
    ),
    "room": Need(
        "host.room",
        Fit.OBSERVE,
        "the account cannot have the room that a run takes",
        "a quota shows in no number of the disk, only in what can be had",
        "free space in the account, or ask the hoster for more",
    ),
    "files": Need(
        "host.files",
        Fit.OBSERVE,
        "the account cannot have as many files as a run makes",
        "some hosters limit the number of files of an account",
        "delete caches and old backups, or ask the hoster for more",
    ),
    "database": Need(
        "host.database",
        Fit.OBSERVE,
        "the database cannot be dumped on this host",
        "tables are dumped and read back by the client, also while PHP is dead",
        "ask the hoster for mariadb and mariadb-dump, or mysql and mysqldump, in the PATH of SSH; "
        "or `database_client:` in hosts.yml",
    ),
    "privileges": Need(
        "host.privileges",
        Fit.OBSERVE,
        "the site's database user may not do what a rollback does",
        "tables are put back by creating, altering, renaming and dropping",
        "GRANT ALL on the site's database to its user",
    ),
    "dump": Need(
        "host.dump",
        Fit.OBSERVE,
        "a dump of a table could not be read back",
        "a dump that cannot be read back saves nothing",
        "see which client the host has: `database_client:` in hosts.yml",
    ),
    "triggers": Need(
        "host.triggers",
        Fit.OBSERVE,
        "the site has triggers that its database user may not write",
        "a table that is put back loses them",
        "GRANT TRIGGER; with binary logs, log_bin_trust_function_creators=1",
    ),
    "web_php": Need(
        "host.web_php",
        Fit.OBSERVE,
        "visitors are answered by another PHP than the command line's",
        "what activates a plugin must be what runs it",
        "name the web server's PHP: `php: php8.2` or its path, in hosts.yml",
    ),
    "web": Need(
        "origin.not_proven",
        Fit.OBSERVE,
        "the public address is not answered from these files",
        "looks at another server would prove nothing about this one",
        "check where the address leads, and wp_path in hosts.yml",
    ),
    "web_user": Need(
        "host.web_user",
        Fit.ATTENDED,
        "the web server's PHP runs as another user than the account",
        "folders that a plugin makes while it is activated here belong to the account, and the web "
        "server cannot write into them",
        "`run_as:` the web server's user, in hosts.yml, or ask the hoster for a pool of your own",
    ),
    "opcache": Need(
        "host.opcache",
        Fit.OBSERVE,
        "nobody can tell whether OPcache answers with old code",
        "a look that old code may have answered proves nothing",
        "clear opcache.restrict_api for this site, or turn opcache.validate_timestamps on",
    ),
    "private": Need(
        "host.state_public",
        Fit.OBSERVE,
        "visitors can fetch from the state folder",
        "it holds dumps and the database's password",
        "have the web server deny what begins with .wpstate: nginx by "
        "`location ~ /\\.wpstate { deny all; }`, Apache by `AllowOverride All`; or move the web "
        "root into a folder of its own below the account's home",
    ),
    "lives": Need(
        "host.no_watchdog",
        Fit.ATTENDED,
        "nothing on this host would undo an abandoned run",
        "processes left on the host do not live on, and there is no working crontab",
        "apply it at a terminal, or ask the hoster for cron",
    ),
    "cron": Need(
        "host.cron",
        Fit.FULL,
        "no crontab line backs the watchdog",
        "after a reboot in the middle of a run nobody would put the site back until `recover`",
        "ask the hoster for cron",
    ),
    "sftp": Need(
        "host.sftp",
        Fit.FULL,
        "sftp does not work",
        "wpstate sends its files over commands; your own tools may want it",
        "ask the hoster for sftp",
    ),
}
"""By the name that a trial gives it, in the order in which they are shown."""
