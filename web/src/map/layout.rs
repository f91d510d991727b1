//! Where things lie on the map, in pixels: nodes as wide rooms (berths), pods in trays of their owner,
//! services as pills at the left, the control plane as a strip on top.
//!
//! Stable: what is there keeps its place. A tray remembers its slots; a pod that goes leaves a hole and
//! the next one of the same owner on that node takes it. Tiles shrink in four steps as pods get many.
use crate::world::{Frame, NodeView, Phase, PodView};
use std::collections::{BTreeMap, BTreeSet};

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

/// How much of a pod is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Glyph and the end of its name.
    Full,
    /// Glyph only.
    Glyph,
    /// A coloured tile.
    Tile,
    /// A speck.
    Dot,
}

impl Detail {
    /// Width, height and gap of a tile.
    pub fn size(self) -> (f64, f64, f64) {
        match self {
            Detail::Full => (68.0, 32.0, 8.0),
            Detail::Glyph => (28.0, 24.0, 6.0),
            Detail::Tile => (14.0, 12.0, 4.0),
            Detail::Dot => (6.0, 6.0, 2.0),
        }
    }

    fn for_pods(count: usize) -> Detail {
        match count {
            0..=36 => Detail::Full,
            37..=150 => Detail::Glyph,
            151..=900 => Detail::Tile,
            _ => Detail::Dot,
        }
    }
}

/// What is remembered from one layout to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// By node name ("" for pods without a node).
    berths: BTreeMap<String, Vec<Slots>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Slots {
    owner: String,
    pods: Vec<Option<u32>>,
}

/// A node's room.
#[derive(Clone, Debug, PartialEq)]
pub struct Berth {
    /// Index in the frame's nodes.
    pub node: usize,
    pub rect: Rect,
}

/// The faint ground under the pods of one owner on one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Tray {
    pub rect: Rect,
    pub label: String,
}

/// A pod's tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Ship {
    /// Index in the frame's pods.
    pub pod: usize,
    pub rect: Rect,
    /// Top of the lane in which lines run towards this tile.
    pub lane: f64,
}

/// A service's pill.
#[derive(Clone, Debug, PartialEq)]
pub struct Pill {
    /// Index in the frame's services.
    pub service: usize,
    pub rect: Rect,
}

/// Everything in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub width: f64,
    pub height: f64,
    pub detail: Detail,
    pub strip: Rect,
    pub berths: Vec<Berth>,
    pub trays: Vec<Tray>,
    pub ships: Vec<Ship>,
    pub pills: Vec<Pill>,
    /// Where pods lie that have no node yet.
    pub waiting: Option<Rect>,
    /// Where lines run down between pills and berths.
    pub bus: f64,
    /// Nodes that are not drawn because there are too many.
    pub hidden_nodes: usize,
}

const PAD: f64 = 16.0;
const STRIP: f64 = 28.0;
const PILLS: f64 = 160.0;
const BUS: f64 = 36.0;
const HEAD: f64 = 28.0;
const LANE: f64 = 10.0;
const CAPTION: f64 = 18.0;
const MOST_NODES: usize = 60;

/// Whether this is a namespace of the system's own.
pub fn is_system(namespace: &str) -> bool {
    namespace.starts_with("kube-") || namespace == "istio-system" || namespace == "ingress-nginx"
}

/// Lays out `frame` on `width` × at least `height`, keeping what `memory` knows in place.
pub fn layout(frame: &Frame, system: bool, width: f64, height: f64, memory: &mut Memory) -> Scene {
    let shown: Vec<usize> = (0..frame.pods.len())
        .filter(|i| frame.pods.get(*i).is_some_and(|p| system || !is_system(&p.namespace)))
        .collect();
    let services: Vec<usize> = (0..frame.services.len())
        .filter(|i| {
            frame
                .services
                .get(*i)
                .is_some_and(|s| system || !(is_system(&s.namespace) || s.selector.is_empty()))
        })
        .collect();
    remember(frame, &shown, memory);

    let detail = Detail::for_pods(shown.len());
    let narrow = width < 520.0;
    // Always kept free, so that berths stay where they are when the first service comes.
    let pills = if narrow { 84.0 } else { PILLS };
    let left = PAD + pills + if narrow { 24.0 } else { BUS };
    let mut scene = Scene {
        width: width.max(280.0),
        height,
        detail,
        strip: Rect { x: PAD, y: 12.0, w: (width - 2.0 * PAD).max(0.0), h: STRIP },
        berths: Vec::new(),
        trays: Vec::new(),
        ships: Vec::new(),
        pills: Vec::new(),
        waiting: None,
        bus: PAD + pills + if narrow { 2.0 } else { 8.0 },
        hidden_nodes: 0,
    };
    let by_id: BTreeMap<u32, usize> =
        shown.iter().filter_map(|i| frame.pods.get(*i).map(|p| (p.id, *i))).collect();

    let rooms = rooms(frame, &shown, &mut scene);
    let room_width = (scene.width - left - PAD).max(120.0);
    let columns = columns(rooms.len(), room_width, detail);
    let cell = (room_width - PAD * (columns as f64 - 1.0)) / columns as f64;
    let rows = rooms.len().div_ceil(columns).max(1);
    let top = scene.strip.y + STRIP + 12.0;
    let share = (height - top - PAD - 12.0 * (rows as f64 - 1.0)) / rows as f64;
    let mut y = top;
    for row in rooms.chunks(columns) {
        let mut tallest: f64 = 0.0;
        let first = scene.berths.len();
        for (column, node) in row.iter().enumerate() {
            let x = left + column as f64 * (cell + PAD);
            let name = frame.nodes.get(*node).map_or("", |n| n.name.as_str());
            let used = fill(&mut scene, frame, &by_id, memory.berths.get(name), (x, y + HEAD, cell));
            tallest = tallest.max((HEAD + used + 8.0).max(share.min(150.0)).max(56.0));
            scene.berths.push(Berth { node: *node, rect: Rect { x, y, w: cell, h: 0.0 } });
        }
        for berth in scene.berths.iter_mut().skip(first) {
            berth.rect.h = tallest;
        }
        y += tallest + 12.0;
    }
    place_pills(&mut scene, &services, top, pills);
    let mut left_end = scene.pills.last().map_or(top, |p| p.rect.y + p.rect.h + 12.0);
    if let Some(waiting) = memory.berths.get("") {
        let used = fill(&mut scene, frame, &by_id, Some(waiting), (PAD - 8.0, left_end + HEAD, pills + 16.0));
        scene.waiting = Some(Rect { x: PAD, y: left_end, w: pills, h: HEAD + used });
        left_end += HEAD + used + 12.0;
    }
    scene.height = height.max(y.max(left_end) + 4.0);
    scene
}

/// The nodes to draw as rooms: those that can hold pods, or do.
fn rooms(frame: &Frame, shown: &[usize], scene: &mut Scene) -> Vec<usize> {
    let on: BTreeSet<&str> =
        shown.iter().filter_map(|i| frame.pods.get(*i)).filter_map(|p| p.node.as_deref()).collect();
    let wanted = |n: &NodeView| !n.control_plane || on.contains(n.name.as_str());
    let nodes: Vec<usize> =
        frame.nodes.iter().enumerate().filter(|(_, n)| wanted(n)).map(|(i, _)| i).collect();
    scene.hidden_nodes = nodes.len().saturating_sub(MOST_NODES);
    nodes.into_iter().take(MOST_NODES).collect()
}

fn columns(rooms: usize, width: f64, detail: Detail) -> usize {
    let least = if detail == Detail::Full { 250.0 } else { 160.0 };
    let fit = ((width / least) as usize).max(1);
    match rooms {
        0..=4 => 1,
        5..=8 => fit.min(2),
        9..=18 => fit.min(3),
        _ => fit.min(6),
    }
}

/// Brings `memory` up to date: pods that are gone leave holes, new ones take the nearest.
fn remember(frame: &Frame, shown: &[usize], memory: &mut Memory) {
    let mut place: BTreeMap<u32, (&str, String)> = BTreeMap::new();
    for pod in shown.iter().filter_map(|i| frame.pods.get(*i)) {
        place.insert(pod.id, (pod.node.as_deref().unwrap_or(""), owner_key(pod)));
    }
    let mut kept: BTreeSet<u32> = BTreeSet::new();
    for (berth, trays) in &mut memory.berths {
        for tray in trays.iter_mut() {
            for slot in &mut tray.pods {
                let stays = slot.is_some_and(|id| {
                    place.get(&id).is_some_and(|(node, owner)| node == berth && *owner == tray.owner)
                });
                match slot {
                    Some(id) if stays => {
                        kept.insert(*id);
                    }
                    other => *other = None,
                }
            }
            while tray.pods.last() == Some(&None) {
                tray.pods.pop();
            }
        }
        trays.retain(|t| !t.pods.is_empty());
    }
    for (id, (node, owner)) in place {
        if kept.contains(&id) {
            continue;
        }
        let trays = memory.berths.entry(node.to_owned()).or_default();
        let tray = match trays.iter().position(|t| t.owner == owner) {
            Some(at) => at,
            None => {
                trays.push(Slots { owner, pods: Vec::new() });
                trays.len() - 1
            }
        };
        if let Some(tray) = trays.get_mut(tray) {
            match tray.pods.iter_mut().find(|s| s.is_none()) {
                Some(hole) => *hole = Some(id),
                None => tray.pods.push(Some(id)),
            }
        }
    }
    memory.berths.retain(|_, trays| !trays.is_empty());
}

fn owner_key(pod: &PodView) -> String {
    match &pod.owner {
        Some(owner) => format!("{}/{}/{}", pod.namespace, owner.kind, owner.name),
        // A pod of nobody lies by itself, under its name.
        None => format!("{}/{}", pod.namespace, pod.name),
    }
}

/// What the tray of this pod is called: its workload.
fn tray_label(pod: &PodView) -> String {
    pod.owner.as_ref().map_or_else(|| pod.name.clone(), |owner| owner.name.clone())
}

/// The end of a pod's name by which one tells it from its siblings.
pub fn short_name(pod: &PodView) -> String {
    let tail = pod.owner.as_ref().and_then(|_| pod.name.rsplit('-').next()).unwrap_or(&pod.name);
    if tail.chars().count() <= 6 {
        tail.to_owned()
    } else {
        format!("{}…", tail.chars().take(5).collect::<String>())
    }
}

/// Puts the trays of one berth in rows; returns the height they take.
fn fill(
    scene: &mut Scene,
    frame: &Frame,
    by_id: &BTreeMap<u32, usize>,
    trays: Option<&Vec<Slots>>,
    (left, top, width): (f64, f64, f64),
) -> f64 {
    let (tile_w, tile_h, gap) = scene.detail.size();
    let lane = if scene.detail == Detail::Full { LANE } else { 6.0 };
    let caption = if scene.detail <= Detail::Glyph { CAPTION } else { 4.0 };
    let inner = width - 16.0;
    let fit = (((inner - gap) / (tile_w + gap)) as usize).max(1);
    let (mut x, mut y, mut row_h) = (left + 8.0, top, 0.0_f64);
    for tray in trays.into_iter().flatten() {
        let first = tray.pods.iter().flatten().find_map(|id| by_id.get(id)).and_then(|i| frame.pods.get(*i));
        let label = first.map(tray_label).unwrap_or_default();
        let columns = tray.pods.len().clamp(1, fit);
        let rows = tray.pods.len().div_ceil(columns).max(1);
        let wide = columns as f64 * (tile_w + gap) + gap;
        // A caption may need more room than its tiles, where tiles are small.
        let wide = wide.max(if caption > 4.0 {
            (label.chars().count() as f64 * 6.6 + 2.0 * gap).min(inner)
        } else {
            0.0
        });
        let high = lane + rows as f64 * (tile_h + gap) - gap + caption;
        if x + wide > left + 8.0 + inner && x > left + 8.0 {
            x = left + 8.0;
            y += row_h + 8.0;
            row_h = 0.0;
        }
        for (at, id) in tray.pods.iter().enumerate() {
            let Some(pod) = id.and_then(|id| by_id.get(&id)) else { continue };
            let (column, row) = (at % columns, at / columns);
            let tile_y = y + lane + row as f64 * (tile_h + gap);
            scene.ships.push(Ship {
                pod: *pod,
                rect: Rect { x: x + gap + column as f64 * (tile_w + gap), y: tile_y, w: tile_w, h: tile_h },
                lane: if row == 0 { y } else { tile_y - gap },
            });
        }
        scene.trays.push(Tray { rect: Rect { x, y, w: wide, h: high }, label });
        x += wide + 8.0;
        row_h = row_h.max(high);
    }
    y + row_h - top
}

/// Pills keep the order in which their services were made.
fn place_pills(scene: &mut Scene, services: &[usize], top: f64, width: f64) {
    let step = 56.0_f64;
    for (at, service) in services.iter().enumerate() {
        let rect = Rect { x: PAD, y: top + at as f64 * step, w: width, h: 40.0 };
        scene.pills.push(Pill { service: *service, rect });
    }
}

/// Counts by look, for the summary line: ready, getting ready, failing, going, done.
pub fn census(frame: &Frame, system: bool) -> [usize; 5] {
    let mut counts = [0; 5];
    for pod in frame.pods.iter().filter(|p| system || !is_system(&p.namespace)) {
        let at = match pod.phase {
            Phase::Ready => 0,
            Phase::Pending | Phase::Creating | Phase::Running | Phase::Unknown => 1,
            Phase::Failing | Phase::Failed => 2,
            Phase::Terminating => 3,
            Phase::Succeeded => 4,
        };
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    counts
}
