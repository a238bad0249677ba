# shellcheck shell=sh
# The fleet of the lab's sites: inventories/lab with the older WordPress that the distribution
# carries today, and the lock of what the lab serves. Sourced by script/lab.
: "${LAB_ROOT:?}" "${checkout:?}" "${owner:?}"

lab_fleet=$checkout/.lab-fleet

# All that its text follows from, and the zips' times in place of their bytes.
fleet_inputs() {
    {
        (cd "$checkout" && find inventories/lab script/lab-fleet.sh -type f | LC_ALL=C sort | xargs sha256sum)
        printf '%s\n' "$lab_fleet"
        cat "$LAB_ROOT/cache/older"
        find "$LAB_ROOT/wporg" -name '*.zip' -printf '%p %s %T@\n' | LC_ALL=C sort
    } | sha256sum
}

# It is made aside and put in place whole: whoever reads it meanwhile has the former one. While its
# inputs stay the same, so does what a person did in it by hand.
make_fleet() {
    inputs=$(fleet_inputs)
    if [ "$inputs" = "$(cat "$lab_fleet/.git/made-from" 2>/dev/null)" ]; then return 0; fi
    older=$(cat "$LAB_ROOT/cache/older")
    new=$lab_fleet.new
    rm -rf "$new"
    cp -R "$checkout/inventories/lab" "$new"
    rm "$new/lab.yml"
    # A site that names a version of WordPress itself is one that has the older one.
    sed -i "s/^core: [0-9.]*\$/core: $older/" "$new"/sites/*.yml
    sed -i "s#\$schema=[./]*/schemas/#\$schema=$checkout/schemas/#" "$new"/*.yml "$new"/*/*.yml
    WPSTATE_HOME=$LAB_ROOT/controller "$checkout/.venv/bin/wpstate" lock --fleet "$new" >/dev/null || {
        echo "lab: no fleet for WordPress $older: wpstate lock failed in $new" >&2
        return 1
    }
    git init -q -b main "$new"
    git -C "$new" config user.name 'The lab'
    git -C "$new" config user.email lab@wpstate.invalid
    git -C "$new" add -A
    git -C "$new" commit -q -m "The lab with WordPress $older"
    printf '%s\n' "$inputs" >"$new/.git/made-from"
    chown -R "$owner" "$new"
    rm -rf "$lab_fleet"
    mv "$new" "$lab_fleet"
    echo "made .lab-fleet with WordPress $older"
}
