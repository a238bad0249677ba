# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# What becomes of each table that differs from the snapshot. Doing it is left to restore_database.sh.
#
#   frozen  nobody but the run could write: what the run's WordPress or the plan explains goes back
#           whole, less rows that somebody else added meanwhile
#   own     visitors wrote all the time: only what this run changed goes back, with all new rows
#   later   as own, long after the run: rows changed since are asked about, never rewound
#   component  as later, for the tables of one plugin alone
#   whole   a person accepted the loss: everything goes back
#
# Visitors' tables are rewound in none of the first three: their rows stay.

# Lines of `fate TAB table`, and `TAB theirs` where visitors write to it, else `TAB rows` where its
# definition is as it was:
#   back    the snapshot's rows, and nothing else
#   carry   the snapshot's rows, and the new ones that the run did not add
#   append  the snapshot's rows, and all new ones; in `own` not those that the run's notes name
#   types   as carry, and posts of visitors' types (with their postmeta) as they are now
#   live    the snapshot's definition, rows as they are now
#   ask     append where that changes no row that is there, else leave
#   leave   as it is
#   drop    the run added it: kept aside; `empty`: only if it holds no row of others
decide_fates() { # tier, snapshot folder; reads $work/differences, writes $work/fates
    rule=$1
    : >"$work/no"
    # One that is missing here would be rewound over its visitors.
    {
        cat "$run_dir/visitors_tables.txt" &&
            { [ ! -e "$run_dir/visitors.more" ] || cat "$run_dir/visitors.more"; }
    } >"$work/visitors" || no_room
    notes=$notes_of/wrote
    known=yes
    [ -e "$notes" ] || { known=no notes=$work/no; }
    planned=$notes_of/planned
    [ -e "$planned" ] || planned=$work/no
    own_names=$work/no
    [ "$1" != component ] || own_names=$work/of_component
    tier=$1 known=$known prefix=$(cat "$2/prefix") awk '
        function plain(definition) { sub(/ AUTO_INCREMENT=[0-9]+/, "", definition); return definition }
        function matches(list, name,   n) {
            for (n = 1; n <= sizes[list]; n++) if (name ~ lists[list, n]) return 1
            return 0
        }
        function explained(name,   short, slug) {
            if (name in noted || ENVIRON["known"] == "no") return 1
            short = tolower(substr(name, length(ENVIRON["prefix"]) + 1))
            # Visitors ran the new code too, some before the run itself, which then changed nothing more.
            if (tier == "own" && short == "options") return 1
            for (slug in plan) if (short == slug || index(short, slug "_") == 1) return 1
            return 0
        }
        BEGIN { FS = "\t"; tier = ENVIRON["tier"]; p = length(ENVIRON["prefix"]) + 1 }
        part == "visitors" { if ($0 !~ /^(#|$)/) { gsub(/\*/, ".*"); lists["v", ++sizes["v"]] = "^" $0 "$" }; next }
        part == "notes" { noted[$1]; next }
        part == "plan" { plan[$0]; next }
        part == "names" { component[$0]; next }
        part == "before" { if ($1 == "def") before[$2] = plain($0); next }
        part == "now" { if ($1 == "def") now[$2] = plain($0); next }
        # What core and every other plugin write to is not one plugin\047s own.
        tier == "component" && $1 ~ /^(drop|import) table$/ && (!($2 in component) || \
            substr($2, p) ~ /^(options|posts|postmeta|terms|termmeta|term_taxonomy|term_relationships|links)$/) {
            print "leave\t" $2
            next
        }
        $1 == "drop table" && $3 == "added" {
            if (tier == "whole") fate = "drop"
            else if (tier == "frozen" && explained($2)) fate = "drop"
            else if (tier == "later" || tier == "component") fate = explained($2) ? "empty" : "leave"
            else fate = "empty"
            print fate "\t" $2
            next
        }
        $1 != "import table" { next }
        {
            short = substr($2, p)
            visitors = matches("v", short)
            mixed = short == "posts" || short == "postmeta"
            there = $2 in now
            schema = before[$2] != now[$2]
            own = explained($2)
            if (!there || tier == "whole") fate = "back"
            else if (tier == "frozen") {
                if (mixed) fate = own ? "types" : "ask"
                else if (visitors) fate = own || schema ? "carry" : "leave"
                else fate = own ? "carry" : "ask"
            }
            else if (visitors) fate = schema ? "live" : "leave"
            else if (tier == "own") fate = own || schema ? "append" : "leave"
            else fate = own || schema ? "ask" : "leave"
            print fate "\t" $2 (visitors ? "\ttheirs" : schema ? "" : "\trows")
        }' part=visitors "$work/visitors" part=notes "$notes" part=plan "$planned" \
        part=names "$own_names" \
        part=before "$2/fingerprint" part=now "$work/fingerprint" part=differences "$work/differences" \
        >"$work/fates" || no_room
}

fates() { # lines of these fates, one pattern
    awk -F '\t' -v want="^($1)\$" '$1 ~ want' "$work/fates"
}

fated() { # their tables
    fates "$1" | cut -f 2
}
