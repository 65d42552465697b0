//! Weekly hours as they are written.

use chrono::Weekday;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::weekly::{DAYS, HoursError, WeeklyHours};
use super::window::{HalfHour, Window};

/// The windows of each weekday, at most four a day; a day that is not there is off.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
struct WeekForm {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 4))]
    monday: Vec<WindowForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 4))]
    tuesday: Vec<WindowForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 4))]
    wednesday: Vec<WindowForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 4))]
    thursday: Vec<WindowForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 4))]
    friday: Vec<WindowForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 4))]
    saturday: Vec<WindowForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 4))]
    sunday: Vec<WindowForm>,
}

/// A window of a day.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DayWindow))]
#[serde(deny_unknown_fields)]
struct WindowForm {
    /// When it opens, in half hours.
    #[cfg_attr(feature = "openapi", schema(example = "09:00"))]
    from: String,
    /// When it closes, in half hours.
    #[cfg_attr(feature = "openapi", schema(example = "18:00"))]
    to: String,
}

#[cfg(feature = "openapi")]
crate::written_as::written_as!(WeeklyHours => WeekForm);

impl WindowForm {
    fn read(&self, day: Weekday, window: usize) -> Result<Window, HoursError> {
        let time =
            |text: &str| text.parse::<HalfHour>().map_err(|fault| HoursError::Time { day, window, fault });
        let (from, to) = (time(&self.from)?, time(&self.to)?);
        Window::new(from, to).ok_or(HoursError::Backwards { day, window, from, to })
    }
}

impl TryFrom<WeekForm> for WeeklyHours {
    type Error = HoursError;

    fn try_from(form: WeekForm) -> Result<Self, HoursError> {
        let WeekForm { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = form;
        let days = [monday, tuesday, wednesday, thursday, friday, saturday, sunday];
        let mut windows: [Vec<Window>; 7] = Default::default();
        for ((day, forms), windows) in DAYS.into_iter().zip(&days).zip(&mut windows) {
            *windows =
                forms.iter().zip(1..).map(|(form, place)| form.read(day, place)).collect::<Result<_, _>>()?;
        }
        Self::new(windows)
    }
}

impl From<&WeeklyHours> for WeekForm {
    fn from(hours: &WeeklyHours) -> Self {
        let form =
            |window: &Window| WindowForm { from: window.from().to_string(), to: window.to().to_string() };
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            DAYS.map(|day| hours.windows(day).iter().map(form).collect());
        Self { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    }
}

impl Serialize for WeeklyHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WeekForm::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WeeklyHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(WeekForm::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
