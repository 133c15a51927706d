//! Compiles what sets variables at the start of a pass: data sets, counters, random numbers, values
//! for each user.

use crate::program::{
    AssignmentProgram, CounterProgram, CsvId, CsvProgram, RandomProgram, SetterId, SetterProgram,
    Template, UserParametersProgram,
};
use crate::{Counter, CsvDataSet, Location, RandomVariable, Text, UserParameters};

use super::{Compiler, definitions};

impl Compiler {
    /// Compiles a CSV Data Set.
    pub(super) fn csv(&mut self, csv: &CsvDataSet, location: &Location) -> CsvId {
        let program = CsvProgram {
            file: self.template(&csv.file, location),
            encoding: self.template(&csv.encoding, location),
            variables: self.template(&csv.variables, location),
            delimiter: self.template(&csv.delimiter, location),
            ignore_first_line: csv.ignore_first_line,
            quoted: csv.quoted,
            recycle: csv.recycle,
            stop_thread: csv.stop_thread,
            share: csv.share.clone(),
            random_order: csv.random_order,
            location: location.clone(),
        };
        definitions::note_csv(&program, &mut self.names);
        let id = CsvId(u32::try_from(self.csv.len()).expect("a plan has fewer than 2^32 elements"));
        self.csv.push(program);
        id
    }

    /// Compiles a counter.
    pub(super) fn counter(&mut self, counter: &Counter, location: &Location) -> SetterId {
        let variable = self.template(&counter.variable, location);
        definitions::define(&variable, &mut self.names);
        let program = CounterProgram {
            variable,
            start: self.template(&counter.start, location),
            end: self.template(&counter.end, location),
            increment: self.template(&counter.increment, location),
            format: self.template(&counter.format, location),
            per_user: counter.per_user,
            reset_each_iteration: counter.reset_each_iteration,
        };
        self.add_setter(SetterProgram::Counter(program))
    }

    /// Compiles a random variable.
    pub(super) fn random(&mut self, random: &RandomVariable, location: &Location) -> SetterId {
        let variable = self.template(&random.variable, location);
        definitions::define(&variable, &mut self.names);
        let program = RandomProgram {
            variable,
            minimum: self.template(&random.minimum, location),
            maximum: self.template(&random.maximum, location),
            format: self.template(&random.format, location),
            seed: self.template(&random.seed, location),
            per_user: random.per_user,
        };
        self.add_setter(SetterProgram::Random(program))
    }

    /// Compiles User Parameters.
    pub(super) fn user_parameters(
        &mut self,
        parameters: &UserParameters,
        location: &Location,
    ) -> SetterId {
        let names: Vec<Template> = (parameters.names.iter())
            .map(|name| self.template(name, location))
            .collect();
        for name in &names {
            definitions::define(name, &mut self.names);
        }
        let columns = (parameters.columns.iter())
            .map(|column| {
                let values = column.iter();
                values.map(|value| self.template(value, location)).collect()
            })
            .collect();
        self.add_setter(SetterProgram::UserParameters(UserParametersProgram {
            names,
            columns,
        }))
    }

    /// Compiles variables that a controller or sampler sets; of two of one name, the first counts.
    pub(super) fn assignment(
        &mut self,
        variables: &[(Text, Text)],
        location: &Location,
    ) -> SetterId {
        let mut pairs: Vec<(Template, Template)> = Vec::with_capacity(variables.len());
        for (name, value) in variables {
            let name = self.template(name, location);
            let value = self.template(value, location);
            definitions::define(&name, &mut self.names);
            if pairs.iter().all(|(known, _)| *known != name) {
                pairs.push((name, value));
            }
        }
        self.add_setter(SetterProgram::Assignment(AssignmentProgram { pairs }))
    }

    fn add_setter(&mut self, program: SetterProgram) -> SetterId {
        let id = u32::try_from(self.setters.len()).expect("a plan has fewer than 2^32 elements");
        self.setters.push(program);
        SetterId(id)
    }
}
