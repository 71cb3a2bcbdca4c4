extension String {
  /// As one word of a shell's command line.
  package var shellQuoted: String {
    let isPlain = allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "./_-=+:,@%".contains($0))
    }
    return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}

extension [String] {
  /// A program's arguments, its own name first, as a shell reads them.
  package var shellCommand: String {
    let name = first?.split(separator: "/").last.map(String.init) ?? ""
    return ([name] + dropFirst()).map(\.shellQuoted).joined(separator: " ")
  }

  /// The values that an option is given among these arguments: `--out runs` or `--out=runs`.
  package func values(of option: String) -> [String] {
    indices.compactMap { index in
      if self[index] == option { return index + 1 < count ? self[index + 1] : nil }
      return self[index].hasPrefix("\(option)=")
        ? String(self[index].dropFirst(option.count + 1)) : nil
    }
  }
}
