"""Writes the files of this folder: `python write.py`, with openpyxl, pandas, xlsxwriter and xlwt, and `soffice` on the path.

The same people in the hands of several programs; `../files.rs` says who must come out.
"""

import datetime as dt
import pathlib
import shutil
import subprocess
import tempfile

import openpyxl
import pandas
import xlsxwriter
import xlwt

HERE = pathlib.Path(__file__).parent

HEADER = ["Name", "Phone", "E-Mail", "Company", "Signed", "Called at", "VIP", "Orders", "Note"]
DAY = dt.date(2026, 11, 1)
MOMENT = dt.datetime(2026, 11, 1, 9, 30)
ROWS = [
    # A number as a text, and one as a quantity.
    ["Ida Example", "+49 30 23125001", "ida@example.com", "Acme", DAY, MOMENT, True, 7, 2.5],
    ["Bo Example", 493023125002, "bo@example.com", "Acme", None, None, False, 12345678901, "ok"],
    # Leading zero lost.
    ["Cy Example", 3023125003, None, None, None, None, None, None, None],
]


def with_openpyxl():
    book = openpyxl.Workbook()
    readme = book.active
    readme.title = "Read me"
    readme["A1"] = "This list was made by Dea."
    hidden = book.create_sheet("Old")
    hidden.append(["Phone"])
    hidden.append(["+49 30 23125099"])
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("People")
    # Two blank rows, a title over all columns, and then the header.
    sheet["A3"] = "People of the autumn"
    sheet.merge_cells("A3:I3")
    for column, header in enumerate(HEADER, 1):
        sheet.cell(5, column, header)
    for row, values in enumerate(ROWS, 6):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column, value)
    # One company for two people, errors, a hidden row, and a blank one above the last.
    sheet["D7"] = None
    sheet.merge_cells("D6:D7")
    sheet["A9"], sheet["B9"], sheet["D9"] = "Dea Example", "+49 30 23125004", "#N/A"
    sheet["D9"].data_type = "e"
    sheet.row_dimensions[9].hidden = True
    sheet["A11"], sheet["B11"] = "Eli Example", "#REF!"
    sheet["B11"].data_type = "e"
    # Formatted to the end, with nothing in it.
    sheet["ZZ40"].font = openpyxl.styles.Font(bold=True)
    book.save(HERE / "openpyxl.xlsx")


def with_xlsxwriter():
    # Formulas with their results, no shared texts, and dates in the epoch of old Macs.
    book = xlsxwriter.Workbook(HERE / "xlsxwriter.xlsx", {"in_memory": True, "constant_memory": True, "date_1904": True})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    time = book.add_format({"num_format": "hh:mm"})
    sheet = book.add_worksheet("Kontakte")
    for column, header in enumerate(["Vorname", "Nachname", "Mobil", "Termin", "Uhrzeit", "Ort"]):
        sheet.write_string(0, column, header)
    sheet.write_string(1, 0, "Ida")
    sheet.write_formula(1, 1, '=UPPER("example")', None, "EXAMPLE")
    sheet.write_formula(1, 2, "=493023125000+1", None, 493023125001)
    sheet.write_datetime(1, 3, dt.datetime(2026, 11, 1), day)
    sheet.write_datetime(1, 4, dt.time(9, 30), time)
    sheet.write_string(1, 5, "Köln\nEhrenfeld")
    book.close()


def with_pandas():
    frame = pandas.DataFrame(ROWS, columns=HEADER)
    frame.to_excel(HERE / "pandas.xlsx", index=False)
    frame["Signed"] = frame["Signed"].astype(str).where(frame["Signed"].notna(), None)
    frame.to_json(HERE / "pandas.json", orient="records", date_format="iso")
    frame.to_json(HERE / "pandas.jsonl", orient="records", lines=True, date_format="iso")


def with_xlwt():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Leute")
    day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    moment = xlwt.easyxf(num_format_str="DD.MM.YYYY HH:MM")
    for column, header in enumerate(HEADER):
        sheet.write(1, column, header)
    for row, values in enumerate(ROWS, 2):
        for column, value in enumerate(values):
            style = {4: day, 5: moment}.get(column)
            if value is not None:
                sheet.write(row, column, value, *([style] if style else []))
    book.save(HERE / "xlwt.xls")


# Cells between semicolons, in UTF-8, from a German Calc.
GERMAN_CSV = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1031,false,true,false"


def with_libreoffice():
    # What others have written, as it saves that.
    for made, form, suffix in [("openpyxl", "xlsx", "xlsx"), ("openpyxl", "xls", "xls"), ("pandas", GERMAN_CSV, "csv")]:
        with tempfile.TemporaryDirectory() as folder:
            command = ["soffice", "--headless", "--convert-to", form, "--outdir", folder, HERE / f"{made}.xlsx"]
            subprocess.run(command, check=True)
            shutil.copy(pathlib.Path(folder) / f"{made}.{suffix}", HERE / f"libreoffice.{suffix}")


if __name__ == "__main__":
    with_openpyxl()
    with_xlsxwriter()
    with_pandas()
    with_xlwt()
    with_libreoffice()
