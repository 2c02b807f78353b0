create table app_table (id int primary key);
