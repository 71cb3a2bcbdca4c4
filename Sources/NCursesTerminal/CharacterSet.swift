import Glibc

/// Sets the process's character type so that curses can show more than ASCII, if that is possible.
///
/// Returns whether it is. A host without the locale that ssh sent along would make curses print
/// blanks for every non-ASCII cell; then C.UTF-8, which every glibc has, takes its place.
func prepareCharacterSet() -> Bool {
  setlocale(LC_CTYPE, "")
  if isCharacterSetUTF8() { return true }
  guard environmentAsksForUTF8(environment) else { return false }
  setlocale(LC_CTYPE, "C.UTF-8")
  return isCharacterSetUTF8()
}

/// The first of the three variables that is set decides, as in setlocale(3).
func environmentAsksForUTF8(_ variable: (String) -> String?) -> Bool {
  let deciding = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first ?? ""
  let name = deciding.uppercased()
  return name.hasSuffix("UTF-8") || name.hasSuffix("UTF8")
}

private func isCharacterSetUTF8() -> Bool {
  guard let name = nl_langinfo(nl_item(CODESET)) else { return false }
  return String(cString: name) == "UTF-8"
}
