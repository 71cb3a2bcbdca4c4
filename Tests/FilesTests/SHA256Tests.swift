import Files
import Testing

@Suite struct SHA256Tests {
  @Test("The digests of the standard's own examples")
  func examples() {
    #expect(
      digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    #expect(
      digest("abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    #expect(
      digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    )
    #expect(
      digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    )
  }

  @Test("However the bytes come in", arguments: [1, 63, 64, 65, 1000])
  func pieces(_ size: Int) {
    let bytes = (0..<1234).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var digest = SHA256()
    for start in stride(from: 0, to: bytes.count, by: size) {
      digest.add(bytes[start..<min(start + size, bytes.count)])
    }
    #expect(digest.digits == self.digest(bytes))
  }

  private func digest(_ bytes: some Sequence<UInt8>) -> String {
    var digest = SHA256()
    digest.add(bytes)
    return digest.digits
  }
}
