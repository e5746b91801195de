//! glam and kurbo: geometry of games and of curves.

use glam::{DMat3, DQuat, DVec2, DVec3, Mat4, Quat, Vec3};
use kurbo::{Affine, BezPath, CubicBez, ParamCurve, ParamCurveArclen, Point, Rect, Shape, Vec2};

/// A reflection off a plane.
#[inline(never)]
pub fn reflected(x: f64, y: f64, z: f64) -> f64 {
    let way = DVec3::new(x, y, z);
    let normal = DVec3::new(0.3, 0.9, 0.1).normalize();
    (way - 2.0 * way.dot(normal) * normal).dot(DVec3::ONE)
}

/// A spring between two points.
#[inline(never)]
pub fn spring(a: [f64; 2], b: [f64; 2]) -> f64 {
    let stretch = DVec2::from(a).distance(DVec2::from(b)) - 1.0;
    0.5 * stretch * stretch
}

/// A point that a camera sees.
#[inline(never)]
pub fn projected(angle: f32, depth: f32) -> f32 {
    let view = Mat4::from_rotation_y(angle) * Mat4::from_translation(Vec3::new(0.1, 0.2, -depth));
    view.transform_point3(Vec3::new(1.0, 0.5, 0.25))
        .length_squared()
}

/// A turn by half of another.
#[inline(never)]
pub fn half_turn(angle: f32) -> f32 {
    let end = Quat::from_rotation_z(angle);
    (Quat::IDENTITY.slerp(end, 0.5) * Vec3::X).y
}

/// The same in double precision, about an axis.
#[inline(never)]
pub fn about_axis(angle: f64, x: f64) -> f64 {
    (DQuat::from_axis_angle(DVec3::Z, angle) * DVec3::new(x, 1.0, 0.0)).x
}

/// A determinant of columns.
#[inline(never)]
pub fn box_volume(x: f64, y: f64) -> f64 {
    DMat3::from_cols(
        DVec3::new(x, 1.0, 0.0),
        DVec3::new(0.0, y, 1.0),
        DVec3::new(1.0, x, y),
    )
    .determinant()
}

/// Where a curve is at a time.
#[inline(never)]
pub fn on_curve(t: f64, pull: f64) -> f64 {
    let curve = CubicBez::new((0.0, 0.0), (pull, 1.0), (1.0, pull), (1.0, 1.0));
    let at = curve.eval(t);
    at.x * at.y
}

/// How long a curve is.
#[inline(never)]
pub fn curve_length(pull: f64) -> f64 {
    CubicBez::new((0.0, 0.0), (pull, 1.0), (1.0, pull), (2.0, 1.0)).arclen(1e-6)
}

/// A rectangle after a map.
#[inline(never)]
pub fn mapped_area(width: f64, turn: f64) -> f64 {
    let map = Affine::rotate(turn) * Affine::scale_non_uniform(1.5, 0.5);
    let corner = map * Point::new(width, 2.0);
    Rect::from_origin_size((0.0, 0.0), (width, 3.0)).area()
        + (corner - Point::ZERO).dot(Vec2::new(1.0, 1.0))
}

/// What a path encloses.
#[inline(never)]
pub fn enclosed(pull: &[f64; 4]) -> f64 {
    let mut path = BezPath::new();
    path.move_to((0.0, 0.0));
    path.curve_to((pull[0], pull[1]), (pull[2], pull[3]), (2.0, 1.0));
    path.line_to((1.0, 3.0));
    path.close_path();
    path.area()
}
