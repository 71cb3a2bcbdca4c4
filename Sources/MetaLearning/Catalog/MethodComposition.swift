/// What `wrapper:base` names, the base perhaps a composition itself: `cml:boil`.
package struct MethodComposition {
  /// Why a name composes nothing, in a sentence.
  package struct Refusal: Error {
    package let sentence: String
  }

  package let method: any Method

  package init(_ name: String) throws(Refusal) {
    // What is very long composes nothing.
    guard name.utf8.count <= 256 else {
      throw Refusal(sentence: "no method has so long a name; `metatop methods` lists all")
    }
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    for (place, part) in parts.enumerated() where parts[..<place].contains(part) {
      throw Refusal(sentence: "\(name): \(part) stands in it twice; name each method once")
    }
    var methods: [any Method] = []
    for part in parts {
      guard let method = MethodCatalog.all.first(where: { $0.descriptor.id == part }) else {
        throw Refusal(sentence: "\(name): " + MethodCatalog.refusal(of: part))
      }
      methods.append(method)
    }
    var composed = methods[methods.count - 1]
    for method in methods.dropLast().reversed() {
      composed = try Self.compose(method, composed, name)
    }
    method = composed
  }

  private static func compose(
    _ method: any Method,
    _ base: any Method,
    _ name: String
  ) throws(Refusal) -> any Method {
    let own = method.descriptor
    guard let wrapper = method as? any WrappingMethod else {
      let others = MethodCatalog.wrappers.map(\.descriptor.id).joined(separator: ", ")
      throw Refusal(
        sentence: "\(name): \(own.name) changes no other method; in front of a colon stands one of "
          + others
      )
    }
    guard base.descriptor.id != wrapper.base.descriptor.id else {
      throw Refusal(
        sentence: "\(name): \(own.name) stands on \(base.descriptor.name) by itself; write "
          + "\(own.id)"
      )
    }
    guard wrapper.neededSeams.isSubset(of: base.seams) else {
      if let other = base as? any WrappingMethod, other.neededSeams.isSubset(of: wrapper.seams) {
        throw Refusal(
          sentence:
            "\(name): \(other.ownDescriptor.name) changes what \(own.name) would need; write "
            + "\(other.ownDescriptor.id):\(own.id)"
        )
      }
      let able = MethodCatalog.all.filter {
        wrapper.neededSeams.isSubset(of: $0.seams) && $0.descriptor.id != own.id
          && $0.descriptor.id != wrapper.base.descriptor.id
      }
      throw Refusal(
        sentence: "\(name): \(own.name) needs \(wrapper.need), which \(base.descriptor.name) has "
          + "not; "
          + "use it on one of \(able.map(\.descriptor.id).joined(separator: ", "))"
      )
    }
    let composed = wrapper.wrapping(base)
    guard !composed.tasks.isEmpty else {
      throw Refusal(
        sentence:
          "\(name): what \(base.descriptor.name) learns \(own.name) cannot; use it on another "
          + "base, such as \(wrapper.base.descriptor.id)"
      )
    }
    return composed
  }
}
