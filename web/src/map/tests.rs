//! The map's promises: things keep their place, nothing lies on anything else, everything fits.
use super::layout::{Memory, Rect, Scene, layout, short_name};
use crate::world::{Frame, NodeView, Owner, Phase, PodView};

fn node(name: &str) -> NodeView {
    NodeView {
        name: name.to_owned(),
        ready: true,
        schedulable: true,
        cpu_total_milli: 4000,
        memory_total: 8 << 30,
        ..NodeView::default()
    }
}

fn pod(id: u32, node: Option<&str>, owner: &str) -> PodView {
    PodView {
        id,
        namespace: "default".to_owned(),
        name: format!("{owner}-{id:05}"),
        node: node.map(str::to_owned),
        phase: Phase::Ready,
        status: "Running".to_owned(),
        ready: "1/1".to_owned(),
        owner: Some(Owner { kind: "ReplicaSet".to_owned(), name: owner.to_owned() }),
        ..PodView::default()
    }
}

fn frame(pods: Vec<PodView>) -> Frame {
    Frame { nodes: ["node-1", "node-2", "node-3"].map(node).to_vec(), pods, ..Frame::default() }
}

fn place(scene: &Scene, frame: &Frame, id: u32) -> Option<Rect> {
    scene.ships.iter().find(|s| frame.pods[s.pod].id == id).map(|s| s.rect)
}

#[test]
fn pods_keep_their_place_and_new_ones_take_the_hole() {
    let mut memory = Memory::default();
    let on = |id| pod(id, Some("node-1"), "web-7d9c5b8f4");
    let before = frame(vec![on(1), on(2), on(3)]);
    let first = layout(&before, false, 900.0, 400.0, &mut memory);
    let without = frame(vec![on(1), on(3)]);
    let second = layout(&without, false, 900.0, 400.0, &mut memory);
    assert_eq!(place(&first, &before, 1), place(&second, &without, 1));
    assert_eq!(place(&first, &before, 3), place(&second, &without, 3));
    let again = frame(vec![on(1), on(3), on(9)]);
    let third = layout(&again, false, 900.0, 400.0, &mut memory);
    assert_eq!(place(&third, &again, 9), place(&first, &before, 2));
}

#[test]
fn a_pod_goes_from_the_roadstead_to_its_berth() {
    let mut memory = Memory::default();
    let waiting = frame(vec![pod(1, None, "web-1")]);
    let scene = layout(&waiting, false, 900.0, 400.0, &mut memory);
    let area = scene.waiting.unwrap();
    assert!(place(&scene, &waiting, 1).unwrap().y > area.y);
    let placed = frame(vec![pod(1, Some("node-2"), "web-1")]);
    let scene = layout(&placed, false, 900.0, 400.0, &mut memory);
    assert!(scene.waiting.is_none());
    let (tile, berth) = (place(&scene, &placed, 1).unwrap(), scene.berths[1].rect);
    assert!(tile.y > berth.y && tile.y + tile.h < berth.y + berth.h && tile.x > berth.x);
}

#[test]
fn tiles_never_lie_on_each_other_and_stay_in_their_berth() {
    for count in [1, 30, 40, 200, 600, 2000] {
        for width in [360.0, 640.0, 1100.0] {
            let names = ["node-1", "node-2", "node-3"];
            let pods: Vec<PodView> = (0..count)
                .map(|i| pod(i, Some(names[i as usize % 3]), ["web-a", "api-b", "db"][i as usize / 7 % 3]))
                .collect();
            let frame = frame(pods);
            let scene = layout(&frame, false, width, 420.0, &mut Memory::default());
            assert_eq!(scene.ships.len(), count as usize);
            for (at, ship) in scene.ships.iter().enumerate() {
                let a = ship.rect;
                let berth = scene.berths[frame.pods[ship.pod].id as usize % 3].rect;
                let inside =
                    a.x >= berth.x && a.x + a.w <= berth.x + berth.w && a.y + a.h <= berth.y + berth.h;
                assert!(inside, "{count} pods on {width}: {a:?} in {berth:?}");
                for other in scene.ships.iter().skip(at + 1).take(60) {
                    let b = other.rect;
                    let apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
                    assert!(apart, "{count} pods on {width}: {a:?} and {b:?}");
                }
            }
        }
    }
}

#[test]
fn a_tile_shows_the_part_of_the_name_that_differs() {
    assert_eq!(short_name(&pod(7, None, "web-7d9c5b8f4")), "00007");
    assert_eq!(short_name(&PodView { owner: None, name: "nginx".to_owned(), ..pod(1, None, "x") }), "nginx");
}
