# R: readr for CSV, readxl for workbooks. Prints the same statistics as truth.py, one JSON line for each file.
library(jsonlite)
words <- commandArgs(trailingOnly = TRUE)
release <- words[1]
values <- "--values" %in% words
schema <- fromJSON(file.path(release, "schema.json"), simplifyVector = FALSE)
kinds <- list()
for (table in schema$tables) for (column in table$columns)
  kinds[[column$name]] <- switch(column$type, string = "text", int32 = , int64 = "integer", column$type)

read_csv_gz <- function(path) {
  readr::read_csv(path, na = "", trim_ws = FALSE, guess_max = Inf, show_col_types = FALSE) # shown
}
read_sheet <- function(path, sheet) {
  readxl::read_excel(path, sheet, na = "", trim_ws = FALSE, guess_max = 1048576) # shown
}

class_of <- function(values) {
  if (inherits(values, "Date")) "date"
  else if (inherits(values, "POSIXct")) "time"
  else if (is.logical(values)) "boolean"
  else if (is.numeric(values)) "integer"
  else "text"
}

describe <- function(values_of, kind) {
  there <- values_of[!is.na(values_of)]
  found <- list(kind = kind, as = class_of(values_of), nulls = sum(is.na(values_of)))
  if (kind == "integer") return(c(found, sum = sum(as.numeric(there))))
  if (kind == "boolean") return(c(found, true = sum(as.logical(there))))
  if (kind == "date") {
    days <- as.Date(there)
    ends <- if (length(days)) list(min = format(min(days)), max = format(max(days))) else list(min = NA, max = NA)
    return(c(found, ends, days = sum(as.numeric(days))))
  }
  there <- enc2utf8(as.character(there))
  sizes <- nchar(there, type = "bytes")
  found <- c(found, empty = sum(sizes == 0), distinct = length(unique(there)), bytes = sum(sizes))
  if (values) {
    counts <- table(there, useNA = "no")
    found$values <- lapply(seq_along(counts), function(at) list(names(counts)[at], counts[[at]]))
  }
  found
}

say <- function(form, name, country, read) {
  file <- list(form = form, table = name, country = country)
  data <- tryCatch(read(), error = function(cause) cause)
  if (inherits(data, "error")) file$error <- conditionMessage(data)
  else {
    file$rows <- nrow(data)
    file$columns <- setNames(lapply(names(data), function(each) describe(data[[each]], kinds[[each]])), names(data))
  }
  cat(toJSON(file, auto_unbox = TRUE, digits = NA, na = "null"), "\n", sep = "")
}

cat(toJSON(list(version = as.character(getRversion())), auto_unbox = TRUE), "\n", sep = "")
levels <- c("admin0", "admin1", "admin2")
if ("--base" %in% words) read_csv_gz <- function(path) {
  read.csv(path, na.strings = "", encoding = "UTF-8", colClasses = texts_of(path)) # base
}
# read.csv reads a code of digits as a number, even if it is quoted.
texts_of <- function(path) {
  names <- names(read.csv(path, nrows = 1, check.names = FALSE))
  classes <- sapply(names, function(name) switch(kinds[[name]], text = "character", date = "Date", NA))
  setNames(classes, names)
}
for (name in c(levels, "snapshots", "countries", "operations"))
  say("csv", name, "", function() read_csv_gz(file.path(release, "csv", paste0(name, ".csv.gz"))))
for (name in levels) for (path in Sys.glob(file.path(release, "csv", name, "*", "*.csv.gz")))
  say("csv by country", name, sub("country=", "", basename(dirname(path))), function() read_csv_gz(path))
if ("--base" %in% words) quit()
world <- file.path(release, "xlsx", "snapshots.xlsx")
for (name in c("snapshots", "operations")) say("workbook", name, "", function() read_sheet(world, name))
chosen <- grep("^--workbooks=", words, value = TRUE)
for (path in Sys.glob(file.path(release, "xlsx", "???.xlsx"))) {
  country <- sub(".xlsx", "", basename(path), fixed = TRUE)
  if (length(chosen) && !country %in% strsplit(sub("--workbooks=", "", chosen), ",")[[1]]) next
  for (name in intersect(readxl::excel_sheets(path), c("snapshots", levels)))
    say("workbook", name, country, function() read_sheet(path, name))
}
