//! geo, cgmath, euclid, vek, palette and parry: points, colours, transformations.

use geo::algorithm::line_measures::{Distance, Euclidean, Length};
use geo::{Area, Centroid, Coord, LineString, Point, Polygon};

/// The area within a ring of points.
#[inline(never)]
pub fn ring_area(x: &[f64]) -> f64 {
    let ring: Vec<Coord<f64>> = x
        .chunks_exact(2)
        .map(|p| Coord { x: p[0], y: p[1] })
        .collect();
    Polygon::new(LineString::new(ring), vec![]).unsigned_area()
}

/// The length of a path.
#[inline(never)]
pub fn path_length(x: &[f64]) -> f64 {
    let line: LineString<f64> = x
        .chunks_exact(2)
        .map(|p| (p[0], p[1]))
        .collect::<Vec<_>>()
        .into();
    Euclidean.length(&line)
}

/// The distance of two points.
#[inline(never)]
pub fn between(a: &[f64; 2], b: &[f64; 2]) -> f64 {
    Euclidean.distance(Point::new(a[0], a[1]), Point::new(b[0], b[1]))
}

/// Where the middle of a path lies.
#[inline(never)]
pub fn centre(x: &[f64]) -> f64 {
    let line: LineString<f64> = x
        .chunks_exact(2)
        .map(|p| (p[0], p[1]))
        .collect::<Vec<_>>()
        .into();
    match line.centroid() {
        Some(c) => c.x() * 2.0 + c.y(),
        None => 0.0,
    }
}

/// A vector that a quaternion turns.
#[inline(never)]
pub fn rotated(v: &[f64; 3], angle: f64) -> f64 {
    use cgmath::{InnerSpace, Quaternion, Rad, Rotation, Rotation3, Vector3};
    let q = Quaternion::from_axis_angle(Vector3::new(0.0, 0.6, 0.8), Rad(angle));
    let r = q.rotate_vector(Vector3::new(v[0], v[1], v[2]));
    r.dot(Vector3::new(1.0, 2.0, 3.0))
}

/// The trace of an inverse.
#[inline(never)]
pub fn matrix_inverse(m: &[f64; 9]) -> f64 {
    use cgmath::{Matrix3, SquareMatrix};
    let m = Matrix3::new(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]);
    match m.invert() {
        Some(i) => i.trace(),
        None => 0.0,
    }
}

/// A point that is turned and moved.
#[inline(never)]
pub fn transformed(x: &[f64; 2], a: f64) -> f64 {
    use euclid::Angle;
    use euclid::default::{Point2D, Transform2D};
    let t = Transform2D::rotation(Angle::radians(a))
        .then_translate(euclid::default::Vector2D::new(1.0, a));
    let p = t.transform_point(Point2D::new(x[0], x[1]));
    p.x * p.y
}

/// Between two vectors.
#[inline(never)]
pub fn smooth(a: f64, b: f64, t: f64) -> f64 {
    use vek::{Lerp, Vec3};
    let p = Lerp::lerp(Vec3::new(a, b, 1.0), Vec3::new(b, a * b, 2.0), t);
    p.magnitude_squared()
}

/// A point of a parabola by its three controls.
#[inline(never)]
pub fn quadratic(p: &[f64; 6], t: f64) -> f64 {
    use vek::Vec2;
    use vek::bezier::QuadraticBezier2;
    let c = QuadraticBezier2 {
        start: Vec2::new(p[0], p[1]),
        ctrl: Vec2::new(p[2], p[3]),
        end: Vec2::new(p[4], p[5]),
    };
    let v = c.evaluate(t);
    v.x + 2.0 * v.y
}

/// How bright a colour is, in CIE XYZ.
#[inline(never)]
pub fn luminance(c: &[f64; 3]) -> f64 {
    use palette::{IntoColor, LinSrgb, Xyz};
    let xyz: Xyz<palette::white_point::D65, f64> = LinSrgb::new(c[0], c[1], c[2]).into_color();
    xyz.y + 0.5 * xyz.x
}

/// A colour in Oklab.
#[inline(never)]
pub fn lightness(c: &[f64; 3]) -> f64 {
    use palette::{IntoColor, LinSrgb, Oklab};
    let lab: Oklab<f64> =
        LinSrgb::new(c[0].abs() + 0.1, c[1].abs() + 0.1, c[2].abs() + 0.1).into_color();
    lab.l + lab.a * lab.b
}

/// How far a point is from a disc.
#[inline(never)]
pub fn ball(p: &[f64; 2], r: f64) -> f64 {
    use parry2d_f64::query::PointQuery;
    use parry2d_f64::shape::Ball;
    Ball::new(r.abs() + 0.1)
        .distance_to_local_point(parry2d_f64::math::Vector::new(p[0], p[1]), false)
}
