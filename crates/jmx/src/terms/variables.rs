//! User-defined variables: ours are evaluated one after the other, those of one list in JMeter do not
//! see each other.

use loadline_plan::Variable;

/// Puts variables into as few lists as keep their meaning: one whose value refers to anything begins a
/// new list, so that it sees all those above it.
pub(super) fn gather(variables: &mut [Variable]) {
    let mut set = 0;
    let mut is_empty = true;
    for variable in variables {
        if !is_empty && variable.value.as_str().contains("${") {
            set += 1;
        }
        variable.set = set;
        is_empty = false;
    }
}

#[cfg(test)]
mod tests {
    use loadline_plan::Location;

    use super::*;

    #[test]
    fn a_variable_sees_those_above_it() {
        let mut variables: Vec<Variable> = ["1", "2", "${a}", "3", "${c}${a}"]
            .into_iter()
            .map(|value| Variable {
                name: value.to_owned(),
                value: value.into(),
                set: 0,
                location: Location::default(),
            })
            .collect();
        gather(&mut variables);
        let sets: Vec<usize> = variables.iter().map(|variable| variable.set).collect();
        assert_eq!(sets, [0, 0, 1, 1, 2]);
    }
}
