"""Writes the ISO lists from Debian's package iso-codes: iso-3166-1.csv, iso-3166-2.csv and
iso-4217.csv beside this file, or in the folder that is given. `make lists` runs it; the files
are committed, so that neither the build nor a node needs the package. What the package does not
say stands in the tables below."""

import json
import os
import subprocess
import sys

HERE = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
ISO = "/usr/share/iso-codes/json"

# Codes that customs use and that ISO 3166-1 reserves or leaves to its users: name, first, last day.
COUNTRIES = {
    "EU": ("European Union", "", ""),
    "XI": ("Northern Ireland", "2021-01-01", ""),
    "XK": ("Kosovo", "", ""),
}

# Amendments of ISO 4217 since 2016: name, first and last day.
CURRENCIES = {
    "ANG": ("Netherlands Antillean Guilder", "", "2025-06-30"),
    "BGN": ("Bulgarian Lev", "", "2025-12-31"),
    "BYR": ("Belarusian Ruble", "", "2016-12-31"),
    "CUC": ("Peso Convertible", "", "2021-06-30"),
    "HRK": ("Kuna", "", "2023-01-14"),
    "MRO": ("Ouguiya", "", "2017-12-31"),
    "SLE": ("Leone", "2022-04-01", ""),
    "SLL": ("Leone", "", "2024-03-31"),
    "STD": ("Dobra", "", "2018-03-31"),
    "VED": ("Bolívar Digital", "2021-10-01", ""),
    "VEF": ("Bolívar", "", "2018-08-20"),
    "XCG": ("Caribbean Guilder", "2025-03-31", ""),
    "ZWG": ("Zimbabwe Gold", "2024-06-25", ""),
    "ZWL": ("Zimbabwe Dollar", "", "2024-08-31"),
}


def read(name):
    with open(os.path.join(ISO, f"iso_{name}.json"), encoding="utf-8") as file:
        return json.load(file)[name.replace("_", "-")]


def version():
    said = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "iso-codes"],
                          capture_output=True, text=True, check=True).stdout
    return said.split("-")[0]


def day(date):
    """A date of the package, which may be a year alone: its last day."""
    return date if len(date) == 10 else f"{date[:4]}-12-31"


def quoted(name):
    return '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name


def write(name, title, source, rows):
    head = [f"# list: {name}", f"# title: {title}", f"# edition: iso-codes {version()}",
            f"# source: {source}", "# licence: LGPL-2.1+ (Debian iso-codes)"]
    body = [",".join((value, quoted(text), first, last))
            for value, text, first, last in sorted(rows)]
    with open(os.path.join(HERE, name + ".csv"), "w", encoding="utf-8") as file:
        file.write("\n".join([*head, "value,name,from,until", *body]) + "\n")


def countries():
    rows = [(one["alpha_2"], one.get("common_name", one["name"]), "", "")
            for one in read("3166-1")]
    now = {row[0] for row in rows}
    rows += [(one["alpha_2"], one["name"], "", day(one["withdrawal_date"]))
             for one in read("3166-3")
             if one["alpha_2"] not in now and day(one["withdrawal_date"]) > "2000-01-01"]
    return rows + [(code, *row) for code, row in COUNTRIES.items()]


def currencies():
    rows = {one["alpha_3"]: (one["name"], "", "") for one in read("4217")}
    rows.update(CURRENCIES)
    return [(code, *row) for code, row in rows.items()]


write("iso-3166-1", "country or customs territory", "ISO 3166-1 alpha-2; EU, XI and XK are ours",
      countries())
write("iso-3166-2", "country subdivision", "ISO 3166-2",
      [(one["code"], one["name"], "", "") for one in read("3166-2")])
write("iso-4217", "currency", "ISO 4217", currencies())
