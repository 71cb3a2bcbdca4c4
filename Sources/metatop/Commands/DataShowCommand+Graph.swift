import CellGrid
import Files
import Kernels
import Tasks

/// An episode of nodes: what each of them sees, and what it is called.
extension DataShowCommand {
  func draw(nodes task: any TaskDistribution, _ split: MetaSplit, shot: Int, query: Int) -> String {
    let layout = task.layout(shot: shot, queryShot: query)
    guard let images = task.shown(split, layout, stream: RandomStream(seed: seed)),
      let drawn = images.drawn
    else { return "" }
    let way = images.classNames.count
    let room = (terminalColumns() - Self.margin - 2) / (shot + query) - 1
    let width = min(max(room, 12), drawn.shape.width)
    let painter = PicturePainter(style: style, width: width)
    var text =
      "\(task.name.printable), \(split.title), seed \(seed): \(way)-way \(shot)-shot, \(shot) support and "
      + "\(query) query nodes of each class; bright marks are of a node's own class\n"
    for label in 0..<way {
      let own = zip(images.support, drawn.support).filter { $0.0.label == label }.prefix(shot)
      let other = zip(images.query, drawn.query).filter { $0.0.label == label }.prefix(query)
      let all = (Array(own) + Array(other)).map { image, pixels in
        let picture = Picture(
          height: drawn.shape.height,
          width: drawn.shape.width,
          channels: 1,
          pixels: pixels
        )
        let gap = String(repeating: " ", count: max(width - image.name.count, 0))
        return [image.name + gap] + painter.lines(picture)
      }
      text += rows(label, images.classNames[label], all, shot: own.count)
    }
    return text
  }
}
