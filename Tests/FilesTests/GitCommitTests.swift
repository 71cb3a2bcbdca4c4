import TestSupport
import Testing

@testable import Files

/// The commit in a run's surroundings, from repositories made by hand.
@Suite struct GitCommitTests {
  private let digits = "0123456789abcdef0123456789abcdef01234567"

  @Test func aBranchADetachedHeadAndPackedReferences() throws {
    let folder = try TemporaryFolder()
    try folder.write("ref: refs/heads/main\n", to: "a/.git/HEAD")
    try folder.write("\(digits)\n", to: "a/.git/refs/heads/main")
    try folder.write("", to: "a/deep/below/file")
    #expect(GitCommit.found(in: folder / "a/deep/below") == digits)
    try folder.write("\(digits)\n", to: "b/.git/HEAD")
    #expect(GitCommit.found(in: folder / "b") == digits)
    try folder.write("ref: refs/heads/other\n", to: "c/.git/HEAD")
    let packed = "# pack-refs with: peeled\n\(digits) refs/heads/other\n"
    try folder.write(packed, to: "c/.git/packed-refs")
    #expect(GitCommit.found(in: folder / "c") == digits)
  }

  @Test func aFurtherWorkTree() throws {
    let folder = try TemporaryFolder()
    try folder.write("ref: refs/heads/side\n", to: "first/.git/worktrees/w/HEAD")
    try folder.write("../..\n", to: "first/.git/worktrees/w/commondir")
    try folder.write("\(digits)\n", to: "first/.git/refs/heads/side")
    try folder.write("gitdir: ../first/.git/worktrees/w\n", to: "second/.git")
    #expect(GitCommit.found(in: folder / "second") == digits)
  }

  @Test func whatIsNoRepositoryHasNone() throws {
    let folder = try TemporaryFolder()
    try folder.write("ref: refs/heads/none\n", to: "new/.git/HEAD")
    #expect(GitCommit.found(in: folder / "new") == nil)
    try folder.write("nonsense", to: "odd/.git")
    #expect(GitCommit.found(in: folder / "odd") == nil)
    #expect(GitCommit.found(in: "/proc") == nil)
  }
}
