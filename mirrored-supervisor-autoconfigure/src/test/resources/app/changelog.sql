--liquibase formatted sql
--changeset app:1
create table app_table (id int primary key);
