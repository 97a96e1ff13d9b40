#!/bin/sh
# Records the profiles under tests/data again, and what the tools themselves report of them.
# Needs gcc, g++, rustc, perf and valgrind. Everything happens under /tmp/demo, so that no path of
# the machine gets into the files. Numbers differ from run to run; the tests compare profile and report.
set -eu
data=$(cd "$(dirname "$0")" && pwd)
demo=/tmp/demo
rm -rf "$demo" && mkdir -p "$demo" && cp "$data"/programs/busy.* "$demo" && cd "$demo"

gcc -g -O1 -fno-omit-frame-pointer busy.c -o busy-c
g++ -g -O1 -fno-omit-frame-pointer busy.cpp -o busy-cpp
rustc -g -O -C force-frame-pointers=yes busy.rs -o busy-rust

annotate() { # FILE NAME
    callgrind_annotate --auto=no --threshold=100 --show-percs=no "$1" | tail -n +16 > "$data/callgrind/$2.report"
    callgrind_annotate --auto=no --threshold=100 --show-percs=no --inclusive=yes "$1" | sed -n 16,80p > "$data/callgrind/$2.inclusive"
    sed -i 's/^creator: .*/creator: callgrind/; s/^pid: .*/pid: 1000/' "$1"
    install -m 644 "$1" "$data/callgrind/$2.out"
}
valgrind -q --tool=callgrind --callgrind-out-file=c.out ./busy-c 60 > /dev/null
annotate c.out c
for language in cpp rust; do
    valgrind -q --tool=callgrind --toggle-collect='main' --callgrind-out-file=$language.out ./busy-$language 60 > /dev/null
    annotate $language.out $language
done
valgrind -q --tool=callgrind --toggle-collect=main --cache-sim=yes --dump-instr=yes --compress-pos=no --separate-recs=1 \
    --callgrind-out-file=cache.out ./busy-c 20 > /dev/null
annotate cache.out cache

report="perf report --stdio -q -g none --sort sym --percentage absolute"
for run in c:200000 cpp:14000 rust:200000; do
    language=${run%:*}
    perf record -q -e cpu-clock:u -F 1000 -g -o $language.data ./busy-$language ${run#*:} > /dev/null
    perf script -i $language.data | sed -E 's/^(busy-[a-z]+) +[0-9]+/\1  1000/' > "$data/perf/$language.script"
    $report --no-children -F overhead,sample,period,sym -i $language.data > "$data/perf/$language.report"
    $report --children -F overhead_children,overhead,sample,period,sym -i $language.data > "$data/perf/$language.children"
done
# Inlined functions, found by perf with the debug information.
perf record -q -e cpu-clock:u -F 499 --call-graph dwarf,4096 -o inline.data ./busy-cpp 14000 > /dev/null
perf script -i inline.data | sed -E 's/^(busy-[a-z]+) +[0-9]+/\1  1000/' > "$data/perf/inline.script"
$report --no-children -F overhead,sample,period,sym -i inline.data > "$data/perf/inline.report"
$report --children -F overhead_children,overhead,sample,period,sym -i inline.data > "$data/perf/inline.children"
# Without call chains, and with another choice of fields.
perf record -q -e cpu-clock:u -F 500 -o flat.data ./busy-c 200000 > /dev/null
perf script -i flat.data | sed -E 's/^( *busy-c) +[0-9]+/\1  1000/' > "$data/perf/flat.script"
$report --no-children -F overhead,sample,period,sym -i flat.data > "$data/perf/flat.report"
perf script -F comm,ip,sym,dso -i c.data > "$data/perf/fields.script"
rm -rf "$demo"
