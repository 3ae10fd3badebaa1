//! Rows of members. Open to other crates, because nothing here can be called without a permit, and nobody but
//! [`crate::access`] makes one.

use sqlx::{PgPool, PgTransaction};

use super::Profile;
use crate::{access::Permit, error::Error, ids::MemberId, words::Language};

pub async fn profile(pool: &PgPool, permit: &Permit) -> Result<Profile, Error> {
    let row = sqlx::query!(
        r#"SELECT m.member_id AS "member_id?: MemberId", m.given_name AS "given_name?", m.family_name AS "family_name?",
                  m.mrn AS "mrn?", m.birth_on, coalesce(c.email, m.email) AS email, m.region AS "region?",
                  r.time_zone AS "zone?", m.language AS "language?: Language",
                  saw($2, m.member_id IS NOT NULL) AS "written!"
           FROM (VALUES ($1::uuid)) AS subject (member_id) LEFT JOIN member m USING (member_id)
               LEFT JOIN region r ON r.region = m.region LEFT JOIN credential c ON c.member_id = m.member_id"#,
        permit.subject()?.0,
        permit.row()
    )
    .fetch_one(pool)
    .await?;
    let whole = match (row.given_name, row.family_name, row.mrn, row.region, row.zone, row.language) {
        (Some(given_name), Some(family_name), Some(mrn), Some(region), Some(zone), Some(language)) => {
            Some((given_name, family_name, mrn, region, zone, language))
        }
        _ => None,
    };
    let (given_name, family_name, mrn, region, zone, language) = permit.seen(whole)?;
    Ok(Profile {
        given_name,
        family_name,
        mrn,
        birth_on: row.birth_on,
        email: row.email,
        region,
        zone,
        language,
    })
}

pub async fn set_language(
    tx: &mut PgTransaction<'_>,
    permit: &Permit,
    language: Language,
) -> Result<(), Error> {
    let member = permit.subject()?;
    sqlx::query!("UPDATE member SET language = $2 WHERE member_id = $1", member.0, language.tag())
        .execute(&mut **tx)
        .await?;
    sqlx::query!("SELECT visits_speak($1, $2)", member.0, language.tag()).execute(&mut **tx).await?;
    Ok(())
}
