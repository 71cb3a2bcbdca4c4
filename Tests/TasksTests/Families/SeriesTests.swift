import Files
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Tasks

/// `series:PATH`: what is read, what is refused and in which words, and what is drawn of it.
@Suite struct SeriesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ text: String, _ name: String = "own.csv") throws -> String {
    try text.write(toFile: folder / name, atomically: true, encoding: .utf8)
    return folder / name
  }

  /// Six tasks of twelve points, y = slope · a + b.
  private static func rows(_ extra: (Int) -> String = { _ in "" }) -> String {
    var text = ""
    for task in 0..<6 {
      for x in 0..<12 { text += "t\(task),\(x),\(2 * x),\((task + 1) * x + 1)\(extra(task))\n" }
    }
    return text
  }

  @Test("With names in the first line, in any order, and without", arguments: [true, false])
  func columns(hasHeader: Bool) throws {
    let path = try file((hasHeader ? "Task,a,b,Y\n" : "") + Self.rows())
    let task = try SeriesTask(path: path)
    #expect(
      task.name == "series:\(path)" && task.inputs == (hasHeader ? ["a", "b"] : ["x1", "x2"])
    )
    #expect(task.tasks.count == 6 && task.tasks.allSatisfy { $0.points == 12 })
    // 64, 16 and 20 of a hundred, at least one each.
    #expect(task.parts.map(\.count) == [4, 1, 1])
    #expect(Set(task.parts.joined()) == Set(0..<6))
    #expect(task.digest?.classes == 6 && task.digest?.images == 72)
    #expect(try SeriesTask(path: path).parts == task.parts)
    let turned = try file("y,split,b,task,a\n1,train,2,u,3\n", "turned.csv")
    #expect(throws: DatasetError.self) { _ = try SeriesTask(path: turned) }
  }

  @Test func aColumnPartsThem() throws {
    let names = ["train", "train", "train", "train", "val", "test"]
    let path = try file("task,a,b,y,split\n" + Self.rows { "," + names[$0] })
    let task = try SeriesTask(path: path)
    #expect(task.parts == [[0, 1, 2, 3], [4], [5]])
    let without = try file(
      "task,a,b,y,split\n" + Self.rows { $0 == 5 ? ",test" : ",train" },
      "b.csv"
    )
    let other = try SeriesTask(path: without)
    #expect(other.parts.map(\.count) == [4, 1, 1] && other.parts[2] == [5])
    #expect(other.notes.contains { $0.contains("held out by lot for meta-validation") })
  }

  /// Support and query are different points of one task, standardised by meta-train's.
  @Test func episodes() throws {
    let task = try SeriesTask(path: try file("task,a,b,y\n" + Self.rows()))
    let layout = task.layout(shot: 5, queryShot: 4)
    let buffer = AlignedBuffer(count: layout.count)
    for index: UInt64 in 0..<40 {
      let stream = RandomStream(seed: 3).split(index)
      for split in MetaSplit.allCases {
        task.sample(split, layout, stream: stream, into: buffer, at: 0)
        let name = task.taskName(split, stream: stream)
        let slope = (Double(String(name.dropFirst())) ?? 0) + 1
        var seen: Set<Int> = []
        for (inputs, targets, count) in [
          (layout.supportInputs, layout.supportTargets, 5),
          (layout.queryInputs, layout.queryTargets, 4),
        ] {
          for place in 0..<count {
            let (first, last) = (task.scales[0], task.scales[2])
            let a: Double = first.deviation * Double(buffer[inputs + 2 * place]) + first.mean
            let y: Double = last.deviation * Double(buffer[targets + place]) + last.mean
            #expect(abs(y - (slope * a + 1)) < 1e-3)
            seen.insert(Int(a.rounded()))
          }
        }
        #expect(seen.count == 9)
      }
    }
    let wide = task.layout(shot: 5, queryShot: 7)
    let larger = AlignedBuffer(count: wide.count)
    let stream = RandomStream(seed: 3)
    task.sample(.metaTrain, layout, stream: stream, into: buffer, at: 0)
    task.sample(.metaTrain, wide, stream: stream, into: larger, at: 0)
    #expect(buffer.values(0..<10) == larger.values(0..<10))
  }

  @Test func smallTasks() throws {
    let path = try file("task,a,b,y\n" + Self.rows() + "tiny,1,2,3\ntiny,2,3,4\n")
    let task = try SeriesTask(path: path)
    let obstacle = try #require(task.obstacle(shot: 5, queryShot: 5))
    #expect(obstacle.description.contains("task tiny has 2 points, and an episode draws 5 + 5"))
    #expect(task.obstacle(shot: 1, queryShot: 1) == nil)
    var options = DataOptions()
    (options.smallClasses, options.leastImages) = (.leaveOut, 10)
    let left = try SeriesTask(path: path, options: options)
    #expect(left.tasks.count == 6 && left.notes.contains { $0.contains("1 of 7 tasks have fewer") })
    options.leastImages = 13
    #expect(throws: DatasetError.self) { _ = try SeriesTask(path: path, options: options) }
  }

  @Test(
    "A bad file is refused in a sentence that names file and line",
    arguments: [
      ("", "has no rows"), ("task,x,y\n", "no rows below it"),
      ("a,1\n", ", line 1: is neither a task with its numbers nor a line of names"),
      ("task,x\nu,1\n", ", line 1: has no column y"),
      ("x,y\n1,2\n", ", line 1: has no column task"),
      ("task,y\nu,1\n", ", line 1: has no inputs"),
      ("task,x,X,y\nu,1,2,3\n", ", line 1: has two columns \"X\""),
      ("task,x,y\nu,1,2\nu,1\n", ", line 3: has 2 fields, and the first line has 3"),
      ("task,x,y\nu,1,2\nu,nan,2\n", ", line 3: \"nan\" is no number"),
      ("task,x,y\nu,1,\n", ", line 2: \"\" is no number"),
      ("task;x;y\nu;1,5;2\n", ", line 2: \"1,5\" is no number"),
      ("task,x,y\n,1,2\n", ", line 2: names no task"),
      ("task,x,y,split\nu,1,2,dev\n", ", line 2: \"dev\" is no split; use train, val or test"),
      ("task,x,y,split\nu,1,2,val\nu,1,2,test\n", ", line 3: puts task u into another split"),
      ("task,x,y\nu,1,2\nv,1,2\n", "has 2 usable tasks; three are the least"),
      ("task,x,y\nu,1,1e300\nv,1,2\nw,1,2\n", "task u has 1e+300, which is too large"),
      ("task,x,y\n\"u,1,2\n", ", line 2: a quotation mark is opened here"),
    ]
  )
  func refusals(text: String, words: String) throws {
    let path = try file(text)
    do throws(DatasetError) {
      _ = try SeriesTask(path: path)
      Issue.record("\(text.debugDescription) is taken")
    } catch {
      #expect(error.description.hasPrefix(path) && error.description.contains(words), "\(error)")
    }
  }

  @Test func whatIsNotThereIsSaid() {
    for name in ["none.csv", "none.npz"] {
      do throws(DatasetError) {
        _ = try TaskCatalog.make(name: "series:" + (folder / name), way: nil, roots: [])
        Issue.record("\(name) is taken")
      } catch {
        #expect(error.description.contains("cannot be read"), "\(error)")
      }
    }
  }

  // MARK: Arrays

  private func arrays(_ arrays: [(String, [Int], [Double])]) throws -> String {
    let entries = arrays.map { name, shape, numbers in
      TestZip.Entry(name + ".npy", TestArray.npy("<f8", shape, TestArray.numbers("<f8", numbers)))
    }
    let path = folder / "own.npz"
    try Data(TestZip(entries: entries).bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test("Rows with their tasks, and a table for each task")
  func arrayForms() throws {
    let tasks = (0..<12).map { Double($0 / 3 * 10) }
    let numbers = (0..<12).map { Double($0 * $0) }
    let rows = try SeriesTask(
      path: try arrays([("task", [12], tasks), ("x", [12], numbers), ("y", [12], tasks)])
    )
    #expect(rows.tasks.map(\.name).sorted() == ["00", "10", "20", "30"] && rows.inputs == ["x"])
    let square = try SeriesTask(
      path: try arrays([("x", [4, 3, 2], numbers + numbers), ("y", [4, 3], tasks)])
    )
    #expect(square.inputs == ["x1", "x2"] && square.tasks.allSatisfy { $0.points == 3 })
  }

  @Test func arraysThatDoNotFit() throws {
    let four = [0.0, 1, 2, 3]
    for (given, words) in [
      ([("x", [4], four)], "has no array x or no array y"),
      ([("x", [3], [0, 1, 2]), ("y", [4], four)], "has x of shape [3], y of [4]"),
      ([("x", [4], four), ("y", [4], four), ("task", [2], [0, 1])], "and task of [2]"),
      ([("x", [4], four), ("y", [4], four), ("task", [4], [0, 1, 2, 0.5])], "task[3] is 0.5"),
      ([("x", [4], four), ("y", [4], [0, 1, .nan, 3]), ("task", [4], four)], "y[2] is no finite"),
    ] as [([(String, [Int], [Double])], String)] {
      do throws(DatasetError) {
        let path = (try? arrays(given)) ?? ""
        _ = try SeriesTask(path: path)
        Issue.record("\(words): it is taken")
      } catch {
        #expect(error.description.contains(words), "\(error)")
      }
    }
  }
}
